import { Button, Group, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { SettingsFrame } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './flows.module.css';
import { type Approval, approvalsQuery, refresh } from './flows.ts';

/** What waits for the reader to decide. */
export function ApprovalsScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery(approvalsQuery);
  return (
    <SettingsFrame title={t('approvals.title')} back={null}>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data?.length === 0 && <p className="pg-secondary">{t('approvals.none')}</p>}
      <ul className={classes.rows}>
        {(query.data ?? []).map((approval) => (
          <ApprovalRow key={approval.id} approval={approval} />
        ))}
      </ul>
    </SettingsFrame>
  );
}

function ApprovalRow({ approval }: { approval: Approval }): ReactNode {
  const { t, object: objectWord } = useWords();
  const [comment, setComment] = useState<string | null>(null);
  const [deciding, setDeciding] = useState(false);
  const object = useMeta().object(approval.object);
  const name = approval.record.name || t('record.unnamed');
  const decide = async (verdict: 'approve' | 'refuse'): Promise<void> => {
    setDeciding(true);
    try {
      await post(`/flow-runs/${approval.id}/decide`, { verdict, ...(comment?.trim() ? { comment: comment.trim() } : {}) });
      showDone(t(verdict === 'approve' ? 'approvals.approved' : 'approvals.refused', { name }));
    } catch (failure) {
      showFailure(failure);
    }
    setDeciding(false);
    await refresh();
  };
  return (
    <li className={classes.approval}>
      <p className={classes.strong}>{approval.text}</p>
      <p className="pg-secondary">
        {objectWord(approval.object)}{' '}
        {object ? (
          <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: approval.record.id }}>
            {name}
          </Link>
        ) : (
          name
        )}{' '}
        · {approval.flow.name} · {formatRelative(approval.createdAt)}
      </p>
      {comment !== null && (
        <Textarea
          label={t('approvals.comment')}
          autosize
          autoFocus
          minRows={1}
          maxRows={6}
          maxLength={2000}
          value={comment}
          onChange={({ currentTarget }) => setComment(currentTarget.value)}
        />
      )}
      <Group gap="sm" mt="sm">
        <Button
          variant="default"
          disabled={deciding}
          onClick={() => void decide('approve')}
          aria-label={t('approvals.approveOf', { name })}
        >
          {t('approvals.approve')}
        </Button>
        <Button
          variant="subtle"
          color="danger"
          disabled={deciding}
          onClick={() => void decide('refuse')}
          aria-label={t('approvals.refuseOf', { name })}
        >
          {t('approvals.refuse')}
        </Button>
        {comment === null && (
          <Button variant="subtle" color="gray" onClick={() => setComment('')} aria-label={t('approvals.commentOn', { name })}>
            {t('approvals.addComment')}
          </Button>
        )}
      </Group>
    </li>
  );
}
