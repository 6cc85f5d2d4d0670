import { ActionIcon, Button, Input, Progress } from '@mantine/core';
import { IconUpload, IconX } from '@tabler/icons-react';
import { type ClipboardEvent, type DragEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { failureText } from '../../failure.ts';
import { formatSize } from '../../format.ts';
import { iconLook } from '../../icons.ts';
import { useWords } from '../../words.ts';
import type { EditProps } from '../field-view.tsx';
import classes from './file.module.css';
import { FileIcon } from './file-line.tsx';
import { type FileValue, fits, sendFile } from './upload.ts';

interface Coming {
  key: number;
  name: string;
  share: number;
}
let serial = 0;

/** Takes files by dropping, pasting or choosing; what is on its way shows how far it is. */
export function FileEdit({
  value,
  onChange,
  field,
  label,
  ariaLabel,
  error,
  autoFocus,
  required,
  picture,
}: EditProps<FileValue[]> & { picture?: boolean }): ReactNode {
  const { t } = useWords();
  const inputId = useId();
  const zone = useRef<HTMLFieldSetElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [coming, setComing] = useState<Coming[]>([]);
  const [failure, setFailure] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const stopped = useRef(new AbortController());
  // Several arrive one after another; each adds to what the one before has left.
  const held = useRef<FileValue[]>(value ?? []);
  held.current = value ?? [];
  useEffect(() => {
    const { current } = stopped;
    return () => current.abort();
  }, []);
  useEffect(() => {
    if (autoFocus) button.current?.focus({ preventScroll: true });
  }, [autoFocus]);
  const sending = coming.length > 0;
  // A form that is sent off while files are on their way waits for them, and then goes by itself: none is left behind.
  useEffect(() => {
    const form = zone.current?.closest('form');
    if (!form || !sending) return;
    let asked = false;
    const wait = (event: Event): void => {
      event.preventDefault();
      event.stopPropagation();
      asked = true;
    };
    form.addEventListener('submit', wait, true);
    return () => {
      form.removeEventListener('submit', wait, true);
      if (asked) setTimeout(() => form.isConnected && form.requestSubmit());
    };
  }, [sending]);
  const many = field.many === true;

  const take = async (list: FileList | File[] | null | undefined): Promise<void> => {
    const files = [...(list ?? [])].slice(0, many ? 50 : 1);
    setFailure(null);
    for (const file of files) {
      if (!fits(file, field.accept)) {
        setFailure(t('file.wrongType', { name: file.name }));
        continue;
      }
      if (field.maxBytes !== undefined && file.size > field.maxBytes) {
        setFailure(t('file.tooLarge', { name: file.name, size: formatSize(field.maxBytes) }));
        continue;
      }
      const key = ++serial;
      setComing((before) => [...before, { key, name: file.name, share: 0 }]);
      try {
        const sent = await sendFile(
          file,
          (share) => setComing((before) => before.map((one) => (one.key === key ? { ...one, share } : one))),
          stopped.current.signal,
        );
        held.current = many ? [...held.current, sent] : [sent];
        onChange(held.current);
      } catch (problem) {
        if (problem instanceof DOMException) return;
        setFailure(failureText(problem));
      } finally {
        setComing((before) => before.filter((one) => one.key !== key));
      }
    }
  };
  const remove = (id: string): void => {
    const rest = (value ?? []).filter((one) => one.id !== id);
    onChange(rest.length > 0 ? rest : null);
    button.current?.focus();
  };

  return (
    <Input.Wrapper label={label} labelElement="div" error={error ?? failure} withAsterisk={required}>
      <fieldset
        ref={zone}
        className={classes.zone}
        aria-label={ariaLabel}
        data-over={over || undefined}
        onDragOver={(event: DragEvent) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event: DragEvent) => {
          event.preventDefault();
          setOver(false);
          void take(event.dataTransfer.files);
        }}
        onPaste={(event: ClipboardEvent) => {
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          void take(event.clipboardData.files);
        }}
      >
        {(value ?? []).map((one) => (
          <div key={one.id} className={classes.held}>
            {picture && one.thumbnail ? (
              <img className={classes.preview} src={`${one.thumbnail}?size=256`} alt={one.name} />
            ) : (
              <>
                <FileIcon value={one} />
                <span className="pg-ellipsis" title={one.name}>
                  {one.name}
                </span>
                <span className="pg-meta">{formatSize(one.size)}</span>
              </>
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              size={24}
              aria-label={t('file.remove', { name: one.name })}
              onClick={() => remove(one.id)}
            >
              <IconX {...iconLook} />
            </ActionIcon>
          </div>
        ))}
        {coming.map((one) => (
          <div key={one.key} className={classes.coming}>
            <span className="pg-ellipsis">{one.name}</span>
            <Progress value={Math.round(one.share * 100)} size={4} aria-label={t('file.sending', { name: one.name })} />
          </div>
        ))}
        <div className={classes.offer}>
          <Button
            ref={button}
            size="compact"
            variant="default"
            leftSection={<IconUpload {...iconLook} />}
            onClick={() => input.current?.click()}
          >
            {t(picture ? 'file.choosePicture' : many ? 'file.chooseMany' : 'file.choose')}
          </Button>
          <span className="pg-meta">{t('file.orDrop')}</span>
        </div>
        <input
          ref={input}
          id={inputId}
          type="file"
          hidden
          multiple={many}
          accept={field.accept?.join(',')}
          aria-label={ariaLabel}
          onChange={(event) => {
            void take(event.currentTarget.files);
            // The same file again is a choice too.
            event.currentTarget.value = '';
          }}
        />
      </fieldset>
    </Input.Wrapper>
  );
}
