import { styleNonce } from '#ui/nonce.ts';
import '@mantine/tiptap/styles.css';
import { Portal, TextInput, VisuallyHidden } from '@mantine/core';
import { Link, RichTextEditor } from '@mantine/tiptap';
import { IconPhoto } from '@tabler/icons-react';
import Mention from '@tiptap/extension-mention';
import { type Editor as TextEditor, useEditor, useEditorState } from '@tiptap/react';
import StarterKit from '@tiptap/starter-kit';
import type { ComponentProps, ReactNode } from 'react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { failureText } from '../../failure.ts';
import { useMeta } from '../../meta.ts';
import { Picture } from '../../person.tsx';
import type { Named } from '../../wire.ts';
import { useWords } from '../../words.ts';
import type { EditProps } from '../field-view.tsx';
import { lookUp } from '../record-picker.tsx';
import { withoutStyles } from './pasted.ts';
import { firstWords, PictureNode, pictureProblem, pictureTypes, sendPicture } from './picture.ts';
import classes from './rich-text.module.css';

/** The people offered behind an @, and where. */
interface Offer {
  people: Named[];
  chosen: number;
  at: DOMRect | null;
  take: (person: Named) => void;
}

/** A mention as the server keeps it: the id of a user around their name. */
const PersonMention = Mention.extend({
  parseHTML: () => [{ tag: 'span[data-mention]' }],
  addAttributes: () => ({
    id: { default: null, parseHTML: (element: HTMLElement) => element.getAttribute('data-mention') },
    label: { default: null, parseHTML: (element: HTMLElement) => (element.textContent ?? '').replace(/^@/, '') },
  }),
  renderHTML: ({ node }) => ['span', { 'data-mention': String(node.attrs.id) }, `@${String(node.attrs.label)}`],
  renderText: ({ node }) => `@${String(node.attrs.label)}`,
});

/** Writing with marks, lists, links and mentions. Pasted text keeps only what the editor knows; the server cleans again. */
export default function Editor({ value, onChange, ariaLabel, error, autoFocus }: EditProps<string>): ReactNode {
  const { t } = useWords();
  const users = useMeta().object('user');
  const listId = useId();
  const [offer, setOffer] = useState<Offer | null>(null);
  // The editor is made once; what it calls must see the offer of the moment.
  const current = useRef<Offer | null>(null);
  const show = useCallback((next: Offer | null): void => {
    current.current = next;
    setOffer(next);
  }, []);
  const mention = useMemo(
    () =>
      PersonMention.configure({
        suggestion: {
          char: '@',
          items: async ({ query }) => {
            try {
              return users ? (await lookUp(users, query, AbortSignal.timeout(5000))).slice(0, 8) : [];
            } catch {
              return [];
            }
          },
          render: () => {
            const place = (props: {
              items: Named[];
              clientRect?: (() => DOMRect | null) | null;
              command: (to: { id: string | null; label?: string | null }) => void;
            }): void =>
              show({
                people: props.items,
                chosen: 0,
                at: props.clientRect?.() ?? null,
                take: (person) => props.command({ id: person.id, label: person.name }),
              });
            return {
              onStart: place,
              onUpdate: place,
              onExit: () => show(null),
              onKeyDown: ({ event }) => {
                const open = current.current;
                if (!open || open.people.length === 0) return false;
                const { length } = open.people;
                if (event.key === 'ArrowDown') show({ ...open, chosen: (open.chosen + 1) % length });
                else if (event.key === 'ArrowUp') show({ ...open, chosen: (open.chosen + length - 1) % length });
                else if (event.key === 'Enter' || event.key === 'Tab') {
                  const person = open.people[open.chosen];
                  if (person) open.take(person);
                } else if (event.key === 'Escape') show(null);
                else return false;
                // Escape closes the list here, not the field around it.
                event.preventDefault();
                event.stopPropagation();
                return true;
              },
            };
          },
        },
      }),
    [users, show],
  );
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState<string | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const leaving = useMemo(() => new AbortController(), []);
  useEffect(() => () => leaving.abort(), [leaving]);
  /** Sends pictures one after another and puts each where the text was when it was chosen; says why one cannot stand here. */
  const insert = async (into: TextEditor, files: readonly File[], at?: number): Promise<void> => {
    setProblem(null);
    for (const file of files) {
      const refused = pictureProblem(file);
      if (refused) {
        setProblem(refused);
        continue;
      }
      setSending(file.name);
      try {
        const { url } = await sendPicture(file, leaving.signal);
        if (into.isDestroyed) return;
        const node = { type: 'picture', attrs: { src: url, alt: firstWords(file.name) } };
        // Behind what is chosen: a picture does not take the place of another.
        if (at === undefined) into.chain().focus().insertContentAt(into.state.selection.to, node).run();
        else into.chain().focus().insertContentAt(at, node).run();
      } catch (failure) {
        if (leaving.signal.aborted) return;
        setProblem(failure instanceof Error && !('status' in failure) ? failure.message : failureText(failure));
      } finally {
        setSending(null);
      }
    }
  };
  // The editor is made once; what it calls must be the one of the moment.
  const take = useRef(insert);
  take.current = insert;
  const own = useRef<TextEditor | null>(null);
  const editor = useEditor({
    ...(styleNonce() ? { injectNonce: styleNonce() } : {}),
    extensions: [
      StarterKit.configure({ link: false, heading: { levels: [2, 3, 4] } }),
      Link.configure({ openOnClick: false, autolink: true, defaultProtocol: 'https', protocols: ['mailto', 'tel'] }),
      mention,
      PictureNode,
    ],
    content: value ?? '',
    autofocus: autoFocus ? 'end' : false,
    editorProps: {
      attributes: { 'aria-label': ariaLabel, 'aria-multiline': 'true', role: 'textbox' },
      transformPastedHTML: withoutStyles,
      // Words come before pictures: a table copied from a sheet brings a picture of itself along.
      handlePaste: (_view, event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length === 0 || event.clipboardData?.types.includes('text/html') || !own.current) return false;
        event.preventDefault();
        void take.current(own.current, files);
        return true;
      },
      handleDrop: (view, event) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length === 0 || !own.current) return false;
        event.preventDefault();
        void take.current(own.current, files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos); // physical: where the pointer is
        return true;
      },
    },
    onUpdate: ({ editor: changed }) => onChange(changed.isEmpty ? null : changed.getHTML()),
  });
  own.current = editor;
  const picture = useEditorState({
    editor,
    selector: ({ editor: now }) => (now?.isActive('picture') ? String(now.getAttributes('picture').alt ?? '') : null),
  });
  const labels: ComponentProps<typeof RichTextEditor>['labels'] = {
    boldControlLabel: t('rich.bold'),
    italicControlLabel: t('rich.italic'),
    h2ControlLabel: t('rich.heading'),
    h3ControlLabel: t('rich.subheading'),
    bulletListControlLabel: t('rich.bullets'),
    orderedListControlLabel: t('rich.numbers'),
    blockquoteControlLabel: t('rich.quote'),
    codeControlLabel: t('rich.code'),
    linkControlLabel: t('rich.link'),
    unlinkControlLabel: t('rich.unlink'),
    linkEditorInputLabel: t('rich.address'),
    linkEditorInputPlaceholder: 'https://',
    linkEditorExternalLink: t('rich.elsewhere'),
    linkEditorInternalLink: t('rich.here'),
    linkEditorSave: t('action.save'),
  };
  return (
    <>
      <RichTextEditor
        editor={editor}
        labels={labels}
        classNames={{ root: classes.editor, toolbar: classes.toolbar, controlsGroup: classes.group, control: classes.control }}
        data-invalid={error ? true : undefined}
      >
        <RichTextEditor.Toolbar>
          <RichTextEditor.ControlsGroup>
            <RichTextEditor.Bold />
            <RichTextEditor.Italic />
            <RichTextEditor.Code />
          </RichTextEditor.ControlsGroup>
          <RichTextEditor.ControlsGroup>
            <RichTextEditor.H2 />
            <RichTextEditor.H3 />
            <RichTextEditor.BulletList />
            <RichTextEditor.OrderedList />
            <RichTextEditor.Blockquote />
          </RichTextEditor.ControlsGroup>
          <RichTextEditor.ControlsGroup>
            <RichTextEditor.Link />
            <RichTextEditor.Unlink />
            <RichTextEditor.Control
              aria-label={t('rich.picture')}
              title={t('rich.picture')}
              disabled={sending !== null}
              onClick={() => chooser.current?.click()}
            >
              <IconPhoto size={16} stroke={1.5} />
            </RichTextEditor.Control>
          </RichTextEditor.ControlsGroup>
        </RichTextEditor.Toolbar>
        {picture !== null && (
          <TextInput
            className={classes.shows}
            label={t('rich.pictureShows')}
            placeholder={t('rich.pictureHint')}
            maxLength={300}
            value={picture}
            onChange={(event) => editor?.commands.updateAttributes('picture', { alt: event.currentTarget.value })}
          />
        )}
        <RichTextEditor.Content className={`${classes.rich} ${classes.content}`} />
      </RichTextEditor>
      <input
        ref={chooser}
        type="file"
        hidden
        accept={pictureTypes.join(',')}
        aria-label={t('rich.picture')}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (editor) void insert(editor, files);
        }}
      />
      {sending !== null && (
        <p className="pg-meta" role="status">
          {t('file.sending', { name: sending })}
        </p>
      )}
      {problem !== null && (
        <p className="pg-danger" role="alert">
          {problem}
        </p>
      )}
      {offer?.at && offer.people.length > 0 && (
        <Portal>
          <div
            id={listId}
            role="listbox"
            aria-label={t('rich.people')}
            className={classes.people}
            style={{ insetInlineStart: offer.at.left, top: offer.at.bottom + 4 }}
          >
            {offer.people.map((person, i) => (
              <button
                key={person.id}
                type="button"
                role="option"
                aria-selected={i === offer.chosen}
                className={classes.person}
                // The editor keeps the focus, or the list would close before the click.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => offer.take(person)}
              >
                <Picture name={person.name} />
                <span className="pg-ellipsis">{person.name}</span>
              </button>
            ))}
          </div>
        </Portal>
      )}
      <VisuallyHidden role="status">{offer?.people[offer.chosen]?.name ?? ''}</VisuallyHidden>
    </>
  );
}
