import { ActionIcon, Button, NumberInput, Select, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { refreshAround } from '#ui/record/use-record.ts';
import { type Page, type RecordData, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';

interface Line {
  id: string | null;
  user: string | null;
  percent: number;
  role: string;
}

/** Who is credited with a deal, with which share: written together, because they make up the whole. */
export function CreditDialog({ deal, onClose }: { deal: RecordData; onClose: () => void }): ReactNode {
  const held = useQuery({
    queryKey: ['figures', 'dealCredits', deal.id],
    queryFn: async ({ signal }) =>
      (
        await post<Page>(
          '/dealCredits/query',
          { where: { field: 'opportunity', op: 'eq', value: deal.id }, fields: ['user', 'share', 'role'], sort: ['createdAt'], limit: 100 },
          signal,
        )
      ).items,
  });
  const users = useQuery({
    queryKey: ['figures', 'users', 'names'],
    queryFn: async ({ signal }) => (await post<Page>('/users/query', { fields: ['name'], sort: ['name'], limit: 500 }, signal)).items,
  });
  if (!held.data || !users.data) return null;
  return <CreditForm deal={deal} held={held.data} users={users.data} onClose={onClose} />;
}

function CreditForm({
  deal,
  held,
  users,
  onClose,
}: {
  deal: RecordData;
  held: readonly RecordData[];
  users: readonly RecordData[];
  onClose: () => void;
}): ReactNode {
  const { t, field } = useWords();
  const client = useQueryClient();
  const object = useMeta().object('opportunity');
  const [lines, setLines] = useState<Line[]>(() =>
    held.length > 0
      ? held.map((row) => ({
          id: row.id,
          user: readNamed(row.user)?.id ?? null,
          percent: Math.round(Number(row.share) * 1e4) / 100,
          role: String(row.role ?? ''),
        }))
      : [{ id: null, user: readNamed(deal.owner)?.id ?? null, percent: 100, role: '' }],
  );
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const sum = Math.round(lines.reduce((all, line) => all + line.percent, 0) * 100) / 100;
  const change = (at: number, values: Partial<Line>): void =>
    setLines((was) => was.map((line, i) => (i === at ? { ...line, ...values } : line)));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const kept = new Set(lines.map((line) => line.id));
    const operations = [
      ...held.filter((row) => !kept.has(row.id)).map((row) => ({ op: 'delete', id: row.id })),
      ...lines.map(({ id, user, percent, role }) => {
        const values = { user, share: Math.round(percent * 100) / 1e4, role: role || null };
        return id ? { op: 'update', id, values } : { op: 'create', values: { ...values, opportunity: deal.id } };
      }),
    ];
    try {
      const { cause } = await request('POST', '/dealCredits/batch', { body: { operations } });
      onClose();
      showUndo(t('deal.splitDone'), cause);
      if (object) await refreshAround(client, object, deal.id);
    } catch (problem) {
      setFailure(failureText(problem));
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t('deal.split')}
      failure={failure}
      act={t('deal.saveSplit')}
      waits={busy || (lines.length > 0 && sum !== 100)}
      onSubmit={submit}
      onClose={onClose}
    >
      <ul className={classes.credits}>
        {lines.map((line, at) => (
          <li key={line.id ?? `new ${at}`}>
            <Select
              className={classes.who}
              searchable
              aria-label={`${field('dealCredit', 'user')} ${at + 1}`}
              data={users.map((user) => ({ value: user.id, label: String(user.name ?? '') }))}
              value={line.user}
              onChange={(user) => change(at, { user })}
            />
            <NumberInput
              className={classes.share}
              aria-label={`${field('dealCredit', 'share')} ${at + 1}`}
              value={line.percent}
              onChange={(percent) => change(at, { percent: Number(percent) || 0 })}
              min={0}
              max={100}
              decimalScale={2}
              suffix=" %"
              hideControls
            />
            <TextInput
              className={classes.part}
              aria-label={`${field('dealCredit', 'role')} ${at + 1}`}
              placeholder={field('dealCredit', 'role')}
              value={line.role}
              maxLength={100}
              onChange={(event) => change(at, { role: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('deal.dropCredit', { n: at + 1 })}
              onClick={() => setLines((was) => was.filter((_, i) => i !== at))}
            >
              <IconTrash {...iconLook} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      <div className={classes.sum}>
        <Button
          size="compact"
          variant="default"
          onClick={() => setLines((was) => [...was, { id: null, user: null, percent: Math.max(0, 100 - sum), role: '' }])}
        >
          {t('deal.addCredit')}
        </Button>
        <span data-off={sum !== 100 || undefined}>
          {lines.length === 0 ? t('deal.ownersOwn') : sum === 100 ? t('deal.whole') : t('deal.notWhole', { sum: formatNumber(sum, 2) })}
        </span>
      </div>
    </FormDialog>
  );
}
