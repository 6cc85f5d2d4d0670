import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Stack, TextInput } from '@mantine/core';
import {
  IconCheck,
  IconChevronDown,
  IconDeviceFloppy,
  IconHome,
  IconPencil,
  IconPlus,
  IconTrash,
  IconUsers,
  IconUsersMinus,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, memo, type ReactNode, useState } from 'react';
import { ApiError } from '../api.ts';
import { DuplicatesItem } from '../duplicates/duplicates-item.tsx';
import { failureText, problemText } from '../failure.ts';
import { iconLook } from '../icons.ts';
import { MenuButton } from '../menu-button.tsx';
import { useMeta } from '../meta.ts';
import { showAct, showDone, showFailure } from '../notify.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';
import type { ListState } from './list-search.ts';
import { changeView, noView, removeView, restoreView, saveNewView, type View } from './views.ts';

interface Props {
  object: ObjectMeta;
  views: readonly View[];
  view: View | undefined;
  /** What the list shows now. */
  state: ListState;
  /** It differs from the saved view, or from what the object declares. */
  edited: boolean;
}

/** The title of a list: which saved view it shows, the others, and what can be done with it. */
export const ViewMenu = memo(function ViewMenu({ object, views, view, state, edited }: Props): ReactNode {
  const { t, plural, inSentence } = useWords();
  const meta = useMeta();
  const navigate = useNavigate();
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null);
  const go = (id: string): void => {
    void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: { view: id } });
  };
  const mayChange = view !== undefined && !view.builtIn && (view.mine || meta.may('administer'));
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (failure) {
      showFailure(failure);
    }
  };
  const remove = (gone: View): Promise<void> =>
    attempt(async () => {
      await removeView(gone);
      go(noView);
      showAct(t('view.deleted', { name: gone.name }), t('action.undo'), async () => {
        await restoreView(gone);
        go(gone.id);
      });
    });
  const all = t('view.all', { objects: inSentence(plural(object.key)) });
  const line = (id: string, name: string, chosen: boolean): ReactNode => (
    <Menu.Item key={id} rightSection={chosen ? <IconCheck {...iconLook} /> : undefined} onClick={() => go(id)}>
      {name}
    </Menu.Item>
  );
  const others = views.filter((one) => !one.mine && !one.builtIn);
  return (
    <>
      <MenuButton
        position="bottom-start"
        width={264}
        button={(props) => (
          <ActionIcon {...props} variant="subtle" color="gray" size="sm" aria-label={t('view.title')} data-hotkey="views">
            <IconChevronDown {...iconLook} />
          </ActionIcon>
        )}
      >
        {() => (
          <>
            {line(noView, all, view === undefined)}
            {views.filter((one) => one.builtIn).map((one) => line(one.id, one.name, one.id === view?.id))}
            {views.filter((one) => one.mine).map((one) => line(one.id, one.name, one.id === view?.id))}
            {others.length > 0 && <Menu.Label>{t('view.shared')}</Menu.Label>}
            {others.map((one) => line(one.id, one.name, one.id === view?.id))}
            <Menu.Divider />
            {object.duplicates && <DuplicatesItem object={object} />}
            {view && mayChange && edited && (
              <Menu.Item
                leftSection={<IconDeviceFloppy {...iconLook} />}
                onClick={() => void attempt(async () => changeView(view, { definition: state }).then(() => go(view.id)))}
              >
                {t('view.save')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconPlus {...iconLook} />} onClick={() => setNaming('new')}>
              {t('view.saveAs')}
            </Menu.Item>
            {view && mayChange && (
              <>
                <Menu.Item leftSection={<IconPencil {...iconLook} />} onClick={() => setNaming('rename')}>
                  {t('view.rename')}
                </Menu.Item>
                <Menu.Item
                  leftSection={view.shared ? <IconUsersMinus {...iconLook} /> : <IconUsers {...iconLook} />}
                  onClick={() =>
                    void attempt(async () => {
                      await changeView(view, { shared: !view.shared, ...(view.default === 'everyone' ? { default: null } : {}) });
                      showDone(t(view.shared ? 'view.unsharedNow' : 'view.sharedNow', { name: view.name }));
                    })
                  }
                >
                  {t(view.shared ? 'view.unshare' : 'view.share')}
                </Menu.Item>
                {view.mine && (
                  <Menu.Item
                    leftSection={<IconHome {...iconLook} />}
                    rightSection={view.default === 'me' ? <IconCheck {...iconLook} /> : undefined}
                    onClick={() => void attempt(() => changeView(view, { default: view.default === 'me' ? null : 'me' }))}
                  >
                    {t('view.first')}
                  </Menu.Item>
                )}
                {view.shared && meta.may('administer') && (
                  <Menu.Item
                    leftSection={<IconHome {...iconLook} />}
                    rightSection={view.default === 'everyone' ? <IconCheck {...iconLook} /> : undefined}
                    onClick={() => void attempt(() => changeView(view, { default: view.default === 'everyone' ? null : 'everyone' }))}
                  >
                    {t('view.firstForAll')}
                  </Menu.Item>
                )}
                <Menu.Item color="danger" leftSection={<IconTrash {...iconLook} />} onClick={() => void remove(view)}>
                  {t('view.delete')}
                </Menu.Item>
              </>
            )}
          </>
        )}
      </MenuButton>
      {edited && (
        <span className={classes.viewActs}>
          {view && mayChange && (
            <Button
              size="compact"
              variant="subtle"
              onClick={() => void attempt(async () => changeView(view, { definition: state }).then(() => go(view.id)))}
            >
              {t('view.save')}
            </Button>
          )}
          {(!view || view.builtIn) && (
            <Button size="compact" variant="subtle" onClick={() => setNaming('new')}>
              {t('view.saveAs')}
            </Button>
          )}
          {view && (
            <Button size="compact" variant="subtle" color="gray" onClick={() => go(view.id)}>
              {t('view.reset')}
            </Button>
          )}
        </span>
      )}
      {naming !== null && (
        <NameDialog
          name={naming === 'rename' && view ? view.name : ''}
          isNew={naming === 'new'}
          onClose={() => setNaming(null)}
          onSave={async (name, shared) => {
            if (naming === 'rename' && view) await changeView(view, { name });
            else go((await saveNewView(object, name, state, shared)).id);
          }}
        />
      )}
    </>
  );
});

function NameDialog({
  name,
  isNew,
  onClose,
  onSave,
}: {
  name: string;
  isNew: boolean;
  onClose: () => void;
  onSave: (name: string, shared: boolean) => Promise<void>;
}): ReactNode {
  const { t } = useWords();
  const [typed, setTyped] = useState(name);
  const [shared, setShared] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await onSave(typed, shared);
      onClose();
    } catch (failure) {
      setError(failure instanceof ApiError && failure.errors[0] ? problemText(failure.errors[0]) : failureText(failure));
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={400}
      title={t(isNew ? 'view.saveAs' : 'view.rename')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <TextInput
            label={t('view.name')}
            value={typed}
            maxLength={80}
            error={error}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {isNew && <Checkbox label={t('view.share')} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit">{t('action.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
