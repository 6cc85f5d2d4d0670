import { prepareDataFolder } from '#engine/store/data-folder.ts';
import { type EmbeddedEvent, startEmbedded } from '#engine/store/embedded.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import { checkExternal } from '#engine/store/external.ts';
import type { Environment } from './environment.ts';

/** The database that this process uses, wherever it is. */
export interface OpenDatabase {
  url: string;
  embedded: boolean;
  /** The embedded database's log, by which one can go back to any second; null where there is none. */
  log: EmbeddedLog | null;
  announce(url: string): void;
  stop(withinMs?: number): Promise<void>;
}

const words: Record<EmbeddedEvent, string> = {
  creating: 'Making the database (once, some seconds) …',
  recovering: 'The database repairs itself after an unclean end …',
  adopted: 'The database was still running; it goes on.',
  died: 'The database ended unexpectedly and is started again …',
  restarted: 'The database runs again.',
  restartFailed: 'The database could not be started again; trying on.',
};

/** Opens the database of this environment: `DATABASE_URL` checked, or the embedded one started or joined. */
export async function openDatabase(
  environment: Environment,
  tenant: { kind: 'server' | 'command'; label: string },
  say: (line: string) => void,
): Promise<OpenDatabase> {
  if (environment.databaseUrl) {
    prepareDataFolder(environment.dataFolder);
    await checkExternal(environment.databaseUrl);
    return { url: environment.databaseUrl, embedded: false, log: null, announce: () => {}, stop: async () => {} };
  }
  const embedded = await startEmbedded({
    dataFolder: environment.dataFolder,
    ...tenant,
    onEvent: (event, detail) => {
      // A command joins the server's database as a matter of course.
      if (event === 'adopted' && tenant.kind === 'command') return;
      say(event === 'restartFailed' ? `${words[event]} (${detail})` : words[event]);
    },
  });
  return {
    url: embedded.url,
    embedded: true,
    log: embedded.log,
    announce: (url) => embedded.announce(url),
    stop: (withinMs) => embedded.stop(withinMs),
  };
}
