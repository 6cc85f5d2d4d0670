import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { showDone } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import classes from './forms.module.css';
import { type LeadForm, snippetsOf } from './forms.ts';

/** How a form comes into a web page, to be copied. */
export function SnippetDialog({ form, onClose }: { form: LeadForm; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const { script, frame } = snippetsOf(window.location.origin, form.slug, String(form.heading ?? form.name));
  return (
    <Modal opened onClose={onClose} title={t('leadForms.embed')} size={560} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="md">
        {(form.sites ?? []).length === 0 && <p className="pg-secondary">{t('leadForms.noSites')}</p>}
        {(
          [
            ['script', script],
            ['frame', frame],
          ] as const
        ).map(([key, text]) => (
          <div key={key}>
            <Group justify="space-between" mb={4}>
              <span>{t(`leadForms.${key}`)}</span>
              <Button
                size="compact"
                variant="default"
                aria-label={`${t('leadForms.copy')}: ${t(`leadForms.${key}`)}`}
                onClick={() => void navigator.clipboard.writeText(text).then(() => showDone(t('leadForms.copied')))}
              >
                {t('leadForms.copy')}
              </Button>
            </Group>
            <pre className={classes.snippet}>{text}</pre>
          </div>
        ))}
      </Stack>
    </Modal>
  );
}
