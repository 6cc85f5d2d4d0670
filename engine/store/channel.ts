/**
 * The one channel of PostgreSQL notifications by which the servers of a company tell each other what open pages should hear
 * of. Payloads are JSON: who sent it, and one word (the log grew, rights changed, somebody is at a record, a job moved).
 */
export const LIVE_CHANNEL = 'perigon_live';
