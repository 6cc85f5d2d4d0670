import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { leave } from '#ui/session.ts';
import { useWords } from '#ui/words.ts';
import classes from '../entrance.module.css';
import { FactorSetup } from './factor-setup.tsx';

/** Where the company demands a second factor: it is set up before anything else is opened. */
export function FactorNeededScreen(): ReactNode {
  const { t } = useWords();
  const router = useRouter();
  const done = async (): Promise<void> => {
    queryClient.clear();
    await router.navigate({ to: '/' });
  };
  // Whoever has no such app at hand is not locked in here.
  const out = async (): Promise<void> => {
    try {
      await leave();
      await router.navigate({ to: '/sign-in', search: {} });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <main className={classes.page}>
      <div className={classes.mark}>
        <img src="/mark.svg" width={20} height={20} alt="" />
        {t('product')}
      </div>
      <h1 className={classes.title}>{t('factor.setUpTitle')}</h1>
      <p className={classes.lead}>{t('factor.needed')}</p>
      <FactorSetup onDone={() => void done()} out={t('account.signOut')} onOut={() => void out()} />
    </main>
  );
}
