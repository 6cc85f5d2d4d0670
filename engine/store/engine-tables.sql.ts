interface Migration {
  number: number;
  title: string;
  /** Whether it needs the functions of this version, which otherwise come behind all migrations. */
  withFunctions?: boolean;
  sql: string;
}

/**
 * Tables of the engine itself, as numbered migrations: applied once each, in order, inside a transaction. Tables of objects
 * are not here; they follow from the declarations (`schema.ts`). A migration that has landed is never edited.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    title: 'engine tables',
    sql: `
create table settings (key text primary key, value jsonb not null);

-- Why something was written: a request, an import, an undo. Causes have parents.
create table causes (
  id uuid primary key, kind text not null, label text, at timestamptz(3) not null default now(),
  actor_kind text not null, actor_id uuid, parent uuid, undone_by uuid, details jsonb
);
create index causes_parent on causes (parent) where parent is not null;
create index causes_at on causes (at desc, id);

-- The one log. seq is taken after the row lock in a transaction that has its xid (engine-notes 1).
create table changes (
  seq bigint generated always as identity primary key, at timestamptz(3) not null default now(), cause uuid not null,
  object text not null, record_id uuid not null, party_id uuid, action text not null, version integer not null,
  before jsonb, after jsonb, pending_search boolean not null default false
);
create index changes_record on changes (record_id, seq);
create index changes_cause on changes (cause, seq);

-- Cursor of each reader of the log, saved with its effect.
create table consumers (name text primary key, cursor bigint not null, updated_at timestamptz(3) not null default now());

create table external_ids (
  object text not null, system text not null, value text not null, record_id uuid not null,
  primary key (object, system, value)
);
create index external_ids_record on external_ids (record_id);

-- Addresses, numbers, handles by which a record is known; not unique, because households and switchboards share them.
create table identifiers (
  kind text not null, value text collate "C" not null, object text not null, record_id uuid not null, label text, is_primary boolean not null default false,
  primary key (kind, value, object, record_id)
);
create index identifiers_record on identifiers (record_id);

create table search (
  record_id uuid primary key, object text not null, party_id uuid, title text not null, subtitle text, lexemes tsvector not null,
  at timestamptz(3) not null, version integer not null
) with (fillfactor = 90);
create index search_lexemes on search using gin (lexemes);

create table jobs (
  id uuid primary key, kind text not null, state text not null default 'queued', label text, payload jsonb not null default '{}',
  progress jsonb not null default '{}', done bigint not null default 0, total bigint, result jsonb, error text,
  actor_kind text not null, actor_id uuid, cause uuid, cancel_requested boolean not null default false, attempts integer not null default 0,
  created_at timestamptz(3) not null default now(), started_at timestamptz(3), finished_at timestamptz(3)
);
create index jobs_open on jobs (created_at) where state in ('queued', 'running');
create index jobs_actor on jobs (actor_id, created_at desc);

create table idempotency (
  key text not null, actor text not null, request text not null, status integer not null, response text not null, headers jsonb,
  at timestamptz(3) not null default now(), primary key (actor, key)
);
create index idempotency_at on idempotency (at);

create table credentials (user_id uuid primary key, password text not null, changed_at timestamptz(3) not null default now());
create table sessions (
  token_hash bytea primary key, user_id uuid not null, created_at timestamptz(3) not null default now(),
  seen_at timestamptz(3) not null default now(), expires_at timestamptz(3) not null, agent text
);
create index sessions_user on sessions (user_id);
create table api_keys (
  id uuid primary key, user_id uuid not null, name text not null, secret_hash bytea not null unique, scopes text[],
  created_at timestamptz(3) not null default now(), used_at timestamptz(3), expires_at timestamptz(3), revoked_at timestamptz(3)
);
create index api_keys_user on api_keys (user_id);
-- Failed sign-ins by address and by account, for the lockout; success clears them.
create table sign_in_failures (subject text not null, at timestamptz(3) not null default now());
create index sign_in_failures_subject on sign_in_failures (subject, at);

create table imports (
  id uuid primary key, job_id uuid, actor_id uuid, name text not null, file text not null, options jsonb not null, state jsonb not null default '{}',
  created_at timestamptz(3) not null default now()
);
create table import_mappings (actor_id uuid, signature text not null, mapping jsonb not null, used_at timestamptz(3) not null default now(), primary key (signature));
`,
  },
  {
    number: 2,
    title: 'counters',
    sql: `
-- The last number given by an automatic number field, per year where numbers begin anew with it (else period 0).
create table counters (name text not null, period integer not null default 0, last bigint not null, primary key (name, period));
`,
  },
  {
    number: 3,
    title: 'files',
    sql: `
-- What was sent: the bytes lie in the file store under their sha256, once however often they were sent.
create table files (
  id uuid primary key, name text not null, type text not null, bytes bigint not null, sha256 text not null, width integer, height integer,
  created_by_id uuid, created_at timestamptz(3) not null default now(), attached_at timestamptz(3)
);
create index files_sha256 on files (sha256);
create index files_loose on files (created_at) where attached_at is null;
-- Which field of which record holds a file now: what decides who may read it.
create table file_uses (
  file_id uuid not null, object text not null, record_id uuid not null, field text not null, primary key (file_id, object, record_id, field)
);
create index file_uses_record on file_uses (record_id);
`,
  },
  {
    number: 4,
    title: 'saved views',
    sql: `
create table views (
  id uuid primary key, object text not null, name text not null, definition jsonb not null, owner_id uuid not null, shared boolean not null default false,
  default_for text check (default_for in ('me', 'everyone')), version integer not null default 1,
  created_at timestamptz(3) not null default now(), updated_at timestamptz(3) not null default now()
);
create index views_owner on views (owner_id);
create index views_shared on views (object) where shared;
-- One default a person and object, and one for everybody.
create unique index views_default_me on views (owner_id, object) where default_for = 'me';
create unique index views_default_everyone on views (object) where default_for = 'everyone';
`,
  },
  {
    number: 5,
    title: 'notices',
    sql: `
create table notices (
  id uuid primary key, user_id uuid not null, kind text not null, object text, record_id uuid, count integer not null default 1,
  actor_id uuid, cause uuid, job_id uuid, at timestamptz(3) not null default now(), read_at timestamptz(3)
);
create index notices_user on notices (user_id, at desc, id desc);
-- What one act gave to somebody is one notice, however many records it were.
create unique index notices_once on notices (user_id, kind, object, cause) where cause is not null and kind <> 'job';
-- What happened before there were notices is not told afterwards.
insert into consumers (name, cursor) select 'notices', coalesce(max(seq), 0) from changes on conflict do nothing;
`,
  },
  {
    number: 6,
    title: 'duplicates',
    sql: `
-- What is compared of a record, and the keys under which it meets those that may be the same (engine/identity).
create table match_prints (record_id uuid primary key, object text not null, variant text not null, keys bigint[] not null, print jsonb not null);
create index match_prints_keys on match_prints using gin (keys);
create index match_prints_object on match_prints (object, variant, record_id);
-- Two records that may be the same one: "one" is the lower id. What somebody decided stays.
create table duplicates (
  id uuid primary key, object text not null, one uuid not null, other uuid not null, evidence real not null, likelihood real not null, levels jsonb not null,
  state text not null default 'open' check (state in ('open', 'dismissed', 'merged')), found_at timestamptz(3) not null default now(),
  decided_by uuid, decided_at timestamptz(3), unique (one, other)
);
create index duplicates_open on duplicates (object, evidence desc, id) where state = 'open';
create index duplicates_other on duplicates (other);
-- Records from before this version are compared by the first look through the whole base.
insert into consumers (name, cursor) select 'identity', coalesce(max(seq), 0) from changes on conflict do nothing;
`,
  },
  {
    number: 7,
    title: 'merges',
    sql: `
-- Where a record went that was merged into another: its id goes on naming the one that stayed.
create table merges (
  loser uuid primary key, survivor uuid not null, object text not null, cause uuid not null, at timestamptz(3) not null default now(),
  followed_at timestamptz(3)
);
-- Merges whose records have not all followed: a server that stopped in between leaves them here.
create index merges_open on merges (at) where followed_at is null;
create index merges_survivor on merges (survivor);
`,
  },
  {
    number: 8,
    title: 'words of the search, causes by actor',
    sql: `
-- Words that stand in records, each once: a word typed with a slip finds the ones it may have been meant for.
create extension if not exists pg_trgm with schema public;
create table search_words (word text collate "C" primary key);
create index search_words_near on search_words using gin (word gin_trgm_ops);
-- Records whose owner or team moved: the search rows of what follows them are made anew, as far as way and after tell.
create table search_followed (
  object text not null, record_id uuid not null, at timestamptz(3) not null default now(), way text not null default '',
  after uuid not null default '00000000-0000-0000-0000-000000000000', primary key (object, record_id)
);
create index causes_actor on causes (actor_id, at desc, id desc) where actor_id is not null;
`,
  },
  {
    number: 9,
    title: 'figures',
    sql: `
-- Unchanged values that a roll-up over this object reads, so that a log row alone says what it adds where.
alter table changes add column carried jsonb;
-- How far each figure is: "building" until it was reckoned for the records that were there when it was declared so.
create table figures (
  object text not null, field text not null, declared text not null, state text not null check (state in ('building', 'ready')),
  at timestamptz(3) not null default now(), primary key (object, field)
);
-- What came before is reckoned by the job that builds them.
insert into consumers (name, cursor) select 'figures', coalesce(max(seq), 0) from changes on conflict do nothing;
-- Rows of the log that a reader could not take in; it went on behind them.
create table dead_letters (
  consumer text not null, seq bigint not null, object text not null, record_id uuid not null, error text not null,
  at timestamptz(3) not null default now(), primary key (consumer, seq)
);
`,
  },
  {
    number: 10,
    title: 'catalogue',
    sql: `
-- What the company declared itself (engine/declare/catalogue.ts), an entry a row, in the order it was made.
create table catalogue (path text primary key, entry jsonb not null, made bigint not null, ordinal integer not null);
-- What was done to it. The highest version is the one that stands.
create table catalogue_changes (
  version bigint primary key, at timestamptz(3) not null default now(), actor_kind text not null, actor_id uuid, actor_name text not null,
  edits jsonb not null, undoes bigint
);
`,
  },
  {
    number: 11,
    title: 'flows and outbox',
    sql: `
-- A flow as it was when somebody switched it on: runs stay on the version they began with, and act with that person's rights.
create table flow_versions (
  flow uuid not null, version integer not null, name text not null, object text not null, shape jsonb not null, by_user uuid,
  -- Changes up to here were before it.
  from_seq bigint not null, at timestamptz(3) not null default now(),
  -- Why it could not start, the last time it could not.
  problem text, problem_at timestamptz(3), primary key (flow, version)
);
-- One record on its way through a flow. wake_at says when it goes on by itself; it is empty for runs that wait for somebody, or ended.
create table flow_runs (
  id uuid primary key, flow uuid not null, version integer not null, object text not null, record_id uuid not null,
  state text not null default 'due' check (state in ('due', 'waiting', 'approval', 'children', 'done', 'failed', 'stopped')),
  step text, entered boolean not null default false, steps integer not null default 0, wake_at timestamptz(3), attempts integer not null default 0, error text, context jsonb,
  -- What started it, once a record; the act that did, and the first act and the number of flows on the way to it.
  origin text not null, cause uuid, root uuid, depth smallint not null default 0, parent uuid,
  created_at timestamptz(3) not null default now(), started_at timestamptz(3), finished_at timestamptz(3)
) with (fillfactor = 80);
create unique index flow_runs_once on flow_runs (flow, record_id, origin);
create index flow_runs_due on flow_runs (wake_at) where wake_at is not null;
create index flow_runs_state on flow_runs (flow, state, id);
create index flow_runs_record on flow_runs (record_id, id);
create index flow_runs_approvers on flow_runs using gin ((context->'approvers')) where state = 'approval';
create index flow_runs_failed on flow_runs (finished_at) where state = 'failed';
create index flow_runs_parent on flow_runs (parent) where parent is not null;
create table flow_run_steps (
  run uuid not null, n integer not null, step text not null, at timestamptz(3) not null default now(), outcome text not null, detail jsonb, cause uuid,
  primary key (run, n)
);
create index flow_run_steps_cause on flow_run_steps (cause) where cause is not null;
-- How many runs of a flow with a limit began in the hour that is being filled.
create table flow_rates (flow uuid primary key, hour timestamptz(3) not null, used integer not null);
-- Whose turn it is where a step gives records to several people in turn.
create table flow_turns (flow uuid not null, step text not null, n bigint not null, primary key (flow, step));
-- When a flow on a schedule is due next, and how far it is in the occurrence that is being started.
create table flow_clocks (flow uuid primary key, version integer not null, next_at timestamptz(3) not null, cause uuid, after uuid);
create index flow_clocks_due on flow_clocks (next_at);
-- What others may post to (digest), and what is signed with (it must be known to sign).
create table flow_secrets (flow uuid not null, kind text not null check (kind in ('inbound', 'webhook')), secret text not null, primary key (flow, kind));
create table flow_inbound (flow uuid not null, minute timestamptz not null, n integer not null, primary key (flow, minute));
-- What leaves is here first; the receiver sees the id as well, so that what is sent twice counts once.
create table outbox (
  id uuid primary key, kind text not null, target text not null, payload jsonb not null, source uuid, object text, record_id uuid, cause uuid,
  state text not null default 'waiting' check (state in ('waiting', 'sending', 'inDoubt', 'sent', 'dead')),
  next_at timestamptz(3) default now(), attempts integer not null default 0, status integer, error text,
  at timestamptz(3) not null default now(), sent_at timestamptz(3)
);
create index outbox_due on outbox (next_at) where next_at is not null;
create index outbox_source on outbox (source, id);
create index outbox_record on outbox (record_id) where record_id is not null;
create index outbox_dead on outbox (at) where state = 'dead';
alter table notices add column text text;
-- What happened before there were flows starts none.
insert into consumers (name, cursor) select 'flows', coalesce(max(seq), 0) from changes on conflict do nothing;
`,
  },
  {
    number: 14,
    title: 'quality of data',
    sql: `
-- What the rules of data quality found on a day: of an object as a whole, by team of the owner, by source.
create table quality_scores (
  object text not null, day date not null, rule text not null, slice text not null check (slice in ('all', 'team', 'source')),
  team_id uuid, source text not null default '', applies bigint not null, bad bigint not null
);
create index quality_scores_of on quality_scores (object, slice, day);
create table quality_measured (object text primary key, at timestamptz(3) not null, records bigint not null);
`,
  },
  {
    number: 15,
    title: 'causes by kind and by what they wrote about',
    sql: `
-- The objects that each cause wrote about, with what its list is filtered by: a rare one is found without walking all causes.
create table cause_objects (
  cause uuid not null, object text not null, kind text not null, actor_id uuid, at timestamptz(3) not null, primary key (cause, object)
);
create index cause_objects_at on cause_objects (object, at desc, cause desc);
create index cause_objects_kind on cause_objects (object, kind, at desc, cause desc);
create index cause_objects_actor on cause_objects (actor_id, object, at desc, cause desc) where actor_id is not null;
create index causes_kind on causes (kind, at desc, id desc);
create index causes_actor_kind on causes (actor_id, kind, at desc, id desc) where actor_id is not null;
insert into cause_objects (cause, object, kind, actor_id, at)
  select c.id, w.object, c.kind, c.actor_id, c.at from (select distinct cause, object from changes) w join causes c on c.id = w.cause;
-- By the log itself, so that no way of writing (an older server beside this one included) is left out.
create function perigon_cause_objects() returns trigger language plpgsql as $$
begin
  insert into cause_objects (cause, object, kind, actor_id, at)
    select c.id, w.object, c.kind, c.actor_id, c.at from (select distinct cause, object from written) w join causes c on c.id = w.cause
    order by c.id, w.object on conflict do nothing;
  return null;
end $$;
create trigger changes_cause_objects after insert on changes referencing new table as written
  for each statement execute function perigon_cause_objects();
`,
  },
  {
    number: 16,
    title: 'runs that wait for a condition',
    sql: `
-- Of a run that waits for a condition: the fields of its record that this reads (none named: any change may matter), and whether it
-- reads more than the log tells of that record: other records, figures, the clock.
alter table flow_runs add column watches text[], add column looks boolean not null default false;
create index flow_runs_watches on flow_runs (record_id) where watches is not null and state = 'waiting';
create index flow_runs_looks on flow_runs (id) where looks and state = 'waiting';
-- How far the walk over the latter is, and when it goes on: one row.
create table flow_looks (
  one boolean primary key default true check (one), next_at timestamptz(3) not null default now(), began_at timestamptz(3), after uuid
);
insert into flow_looks default values;
-- Nobody asks by it, and every step paid for it.
drop index flow_run_steps_cause;
`,
  },
  {
    number: 17,
    title: 'runs by their record in one index',
    sql: `
-- What a run is once by also finds the runs of a record: every step of a run writes to each index there is.
create unique index flow_runs_record_once on flow_runs (record_id, flow, origin);
drop index flow_runs_once, flow_runs_record;
`,
  },
  {
    number: 20,
    title: 'names are read in more scripts, and pairs are kept from a lower likelihood on',
    sql: `
-- Bases that were looked through before are looked through once more (engine/identity/scan.ts).
insert into settings (key, value) select 'duplicates.lookAgain', 'true' where exists (select 1 from match_prints) on conflict do nothing;
`,
  },
  {
    number: 22,
    title: 'titles in order, short lists of what an index still has to take in',
    withFunctions: true,
    sql: `
-- What begins as typed is found among any number of matches, the very title first.
create index search_title on search ((left(perigon_fold(title), 60) collate "C"));
-- A GIN index keeps what is new in a list that every search walks; of four megabytes that alone took longer than the search.
alter index search_lexemes set (gin_pending_list_limit = 256);
alter index match_prints_keys set (gin_pending_list_limit = 64);
`,
  },
  {
    number: 30,
    title: 'sessions in a list, a log of sign-ins',
    sql: `
-- What a session is called by in a list: its token is nobody's to see, not even as a digest.
alter table sessions add column id uuid not null default gen_random_uuid(), add column address text;
create unique index sessions_id on sessions (id);
-- What was done about signing in; ids are given in the order of time, so that pages go by them alone.
create table sign_ins (
  id uuid primary key, at timestamptz(3) not null default now(), kind text not null, user_id uuid, by_id uuid, address text, agent text
);
create index sign_ins_user on sign_ins (user_id, id desc);
create index sign_ins_at on sign_ins (at);
`,
  },
  {
    number: 31,
    title: 'second factors',
    sql: `
-- Sealed under a key that is not in the base; it counts once a code of it was given. Codes up to the last step are used up.
create table second_factors (
  user_id uuid primary key, secret bytea not null, made_at timestamptz(3) not null default now(), confirmed_at timestamptz(3), last_step bigint
);
create table recovery_codes (user_id uuid not null, code_hash bytea not null, used_at timestamptz(3), primary key (user_id, code_hash));
-- Who gave the password and still has to give a code.
create table sign_in_steps (
  token_hash bytea primary key, user_id uuid not null, pair text not null, tries integer not null default 0, expires_at timestamptz(3) not null
);
`,
  },
  {
    number: 32,
    title: 'links to set a password by',
    sql: `
-- One a user: a newer one takes the place of the one before.
create table entry_links (
  user_id uuid primary key, token_hash bytea not null unique, kind text not null, expires_at timestamptz(3) not null
);
`,
  },
  {
    number: 33,
    title: 'webhooks',
    sql: `
-- What a webhook signs with, from where it tells changes, how its receiver does, and where a replay stands.
create table webhook_states (
  webhook uuid primary key, secret text not null, from_seq bigint not null, failures integer not null default 0,
  failing_since timestamptz(3), rest_until timestamptz(3), replay_after bigint, replay_to bigint
);
-- Position in the log of what a delivery tells: a change goes to a webhook under one id, and those of a record one after another.
alter table outbox add column place bigint;
create unique index outbox_place on outbox (source, place) where place is not null;
create index outbox_lane on outbox (source, record_id, place) where place is not null and next_at is not null;
-- What happened before there were webhooks is told by none.
insert into consumers (name, cursor) select 'webhooks', coalesce(max(seq), 0) from changes on conflict do nothing;
`,
  },
  {
    number: 36,
    title: 'personal data: who exported or erased what is held about somebody',
    sql: `
-- Nothing of an erased person stands here but that they were erased.
create table personal_acts (
  id uuid primary key, kind text not null check (kind in ('export', 'erasure')), party_id uuid not null, at timestamptz(3) not null default now(),
  actor_kind text not null, actor_id uuid, actor_name text not null, reason text not null, job_id uuid, details jsonb not null default '{}'
);
create index personal_acts_party on personal_acts (party_id, id);
create index personal_acts_job on personal_acts (job_id);
`,
  },
  {
    number: 37,
    title: 'personal data: by what an erased person would be known again',
    sql: `
-- Keyed digests of addresses, numbers and names in other systems: they say that somebody was erased, and not who it was.
alter table personal_acts add column known_by text[];
create index personal_acts_known_by on personal_acts using gin (known_by) where kind = 'erasure';
`,
  },
  {
    number: 38,
    title: 'proofs of who sits there, known devices, passkeys, keys that end',
    sql: `
-- When whoever holds the session last proved to be its owner: they did so when it began.
alter table sessions add column proved_at timestamptz(3) not null default now();
update sessions set proved_at = created_at;
-- Work that was asked for goes on as its asker stood then: just proved or not, and with what their key was narrowed to.
alter table jobs add column proved boolean not null default false, add column scopes text[];
-- A try is counted before it is made, and taken back where it was right.
alter table sign_in_failures add column try uuid;
create index sign_in_failures_try on sign_in_failures (try) where try is not null;
create index sign_in_failures_at on sign_in_failures (at);
-- Browsers in which somebody has signed in before; what a browser holds is not here, only its digest.
create table sign_in_devices (
  token_hash bytea not null, user_id uuid not null, made_at timestamptz(3) not null default now(), used_at timestamptz(3) not null default now(),
  primary key (token_hash, user_id)
);
create index sign_in_devices_user on sign_in_devices (user_id);
create index sign_in_devices_used on sign_in_devices (used_at);
create table passkeys (
  id uuid primary key, user_id uuid not null, credential_id text not null unique, public_key bytea not null, counter bigint not null,
  transports text[] not null default '{}', name text not null, created_at timestamptz(3) not null default now(), used_at timestamptz(3)
);
create index passkeys_user on passkeys (user_id);
-- What a browser was asked to sign, for a few minutes and once; without a user where nobody is known yet.
create table passkey_challenges (
  token_hash bytea primary key, purpose text not null, user_id uuid, expires_at timestamptz(3) not null
);
-- When the maker of a key was told that it is about to end.
alter table api_keys add column told_at timestamptz(3);
create index api_keys_ending on api_keys (expires_at) where revoked_at is null and told_at is null;
`,
  },
  {
    number: 39,
    title: 'sign-in by other providers, applications of others',
    sql: `
-- Who may vouch for members; the secret is sealed under a key that is not in the base.
create table oidc_providers (
  id uuid primary key, name text not null, issuer text not null, client_id text not null, secret bytea,
  admits text not null check (admits in ('members', 'domains')), domains text[] not null default '{}', role_id uuid,
  asks_factor boolean not null, active boolean not null, version integer not null default 1, at timestamptz(3) not null default now()
);
-- As whom a member is known there: one account of an issuer opens one member, and one alone opens it.
create table oidc_identities (
  issuer text not null, subject text not null, user_id uuid not null, provider uuid not null,
  at timestamptz(3) not null default now(), primary key (issuer, subject)
);
create unique index oidc_identities_user on oidc_identities (user_id, issuer);
alter table sessions add column provider uuid;
alter table sign_ins add column way text;
alter table sign_in_steps add column provider uuid, add column way text;
-- Programs of others that act for members who allowed it. Of secrets, codes and tokens the digests alone are kept.
create table oauth_clients (
  id uuid primary key, name text not null, secret_hash bytea, redirect_uris text[] not null, scopes text[] not null,
  active boolean not null default true, at timestamptz(3) not null default now()
);
create table oauth_grants (
  id uuid primary key, client uuid not null, user_id uuid not null, scopes text[] not null,
  at timestamptz(3) not null default now(), used_at timestamptz(3), revoked_at timestamptz(3)
);
create index oauth_grants_user on oauth_grants (user_id) where revoked_at is null;
create index oauth_grants_client on oauth_grants (client) where revoked_at is null;
-- A code opens once: presented again it ends what was opened by it.
create table oauth_codes (
  code_hash bytea primary key, client uuid not null, user_id uuid not null, scopes text[] not null, redirect_uri text not null,
  challenge text not null, resource text, expires_at timestamptz(3) not null, grant_id uuid
);
create table oauth_tokens (
  token_hash bytea primary key, grant_id uuid not null, kind text not null check (kind in ('access', 'refresh')),
  scopes text[] not null, expires_at timestamptz(3) not null, used_at timestamptz(3)
);
create index oauth_tokens_grant on oauth_tokens (grant_id);
create index oauth_tokens_expired on oauth_tokens (expires_at);
`,
  },
  {
    number: 40,
    title: 'what retention rules did',
    sql: `
-- By its job. What it put into the trash is found by its cause, and goes for good when that was long enough ago.
create table retention_runs (
  id uuid primary key, rule uuid not null, object text, act text not null, cause uuid, at timestamptz(3) not null default now(),
  ended_at timestamptz(3), done integer not null default 0, failed integer not null default 0, purged integer not null default 0, purged_at timestamptz(3)
);
create index retention_runs_rule on retention_runs (rule, id);
`,
  },
  {
    number: 41,
    title: 'the outbox: what is still to be sent apart, and what is said once for all receivers',
    sql: `
-- What is said, once for however many are told it; it never changes.
create table outbox_bodies (id uuid primary key, record_id uuid, payload json not null);
create index outbox_bodies_record on outbox_bodies (record_id) where record_id is not null;
insert into outbox_bodies (id, record_id, payload)
  select id, record_id, (jsonb_build_object('at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || payload)::json from outbox;
-- What is still to be sent: a row goes when its turn is over, so what takes from here never walks over what was sent. "until" is how
-- long a server has it to itself; neither that nor the state is in an index, so that taking changes the row in its page.
create table outbox_open (
  id uuid primary key, kind text not null, source uuid not null, record_id uuid, place bigint, next_at timestamptz(3) not null default now(),
  until timestamptz(3), state text not null default 'waiting' check (state in ('waiting', 'sending', 'inDoubt')), attempts integer not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
insert into outbox_open (id, kind, source, record_id, place, next_at, state, attempts)
  select id, kind, coalesce(source, id), record_id, place, next_at, state, attempts from outbox where next_at is not null;
create index outbox_open_due on outbox_open (source, next_at);
create index outbox_open_lane on outbox_open (source, record_id, place) where place is not null;
alter table outbox add column body uuid, add column dead_at timestamptz(3);
update outbox set body = id, dead_at = case when state = 'dead' then at end, sent_at = case when state = 'sent' then coalesce(sent_at, at) end;
-- With these go the indexes over them: outbox_due, outbox_lane, outbox_dead. What is left does not change when something was sent.
alter table outbox drop column state, drop column next_at, drop column payload, alter column body set not null;
alter table outbox set (fillfactor = 60);
create index outbox_dead on outbox (source) where dead_at is not null;
`,
  },
  {
    number: 42,
    title: 'what a day begins with, and what is asked of links to reports',
    sql: `
-- Key or id of the dashboard that a user chose.
create table home_choices (user_id uuid primary key, dashboard text not null);
-- Calls by minute, for holding them to so many.
create table embed_calls (embed uuid not null, minute timestamptz(3) not null, n integer not null, primary key (embed, minute));
`,
  },
  {
    number: 44,
    title: 'reminders, calendars going out and coming in',
    sql: `
-- Who is reminded of what, and when; once, for the moment is part of the key.
create table reminders (
  object text not null, record_id uuid not null, user_id uuid not null, at timestamptz(3) not null, sent_at timestamptz(3),
  primary key (record_id, user_id, at)
);
create index reminders_due on reminders (at) where sent_at is null;
create index reminders_user on reminders (user_id);
create index reminders_sent on reminders (sent_at) where sent_at is not null;
-- The secret address under which somebody's calendar is read from outside: its digest alone.
create table calendar_feeds (
  id uuid primary key, user_id uuid not null unique, secret_hash bytea not null unique, at timestamptz(3) not null default now(),
  read_at timestamptz(3)
);
-- Calendars of others that somebody follows, and what was in them when they were last read.
create table calendar_sources (
  id uuid primary key, user_id uuid not null, name text not null, url text not null, etag text, modified text, next_at timestamptz(3) not null default now(),
  read_at timestamptz(3), problem text, at timestamptz(3) not null default now()
);
create index calendar_sources_user on calendar_sources (user_id);
create index calendar_sources_next on calendar_sources (next_at);
create table calendar_events (
  source uuid not null, user_id uuid not null, uid text not null, starts_at timestamptz(3) not null, ends_at timestamptz(3) not null,
  all_day boolean not null, title text, busy boolean not null, primary key (source, uid, starts_at)
);
create index calendar_events_user on calendar_events (user_id, starts_at);
`,
  },
  {
    number: 45,
    title: 'forms on web pages: what was sent, what became of it',
    sql: `
-- What was sent: digests that are forgotten after an hour.
create table lead_form_seen (form uuid not null, digest bytea not null, at timestamptz(3) not null, primary key (form, digest));
create index lead_form_seen_at on lead_form_seen (at);
create table lead_form_refusals (form uuid primary key, n integer not null, last_at timestamptz(3) not null);
`,
  },
  {
    number: 46,
    title: 'whose turn it was when records were given out by rules',
    sql: `
create table assignment_turns (rule uuid not null, member uuid not null, turn bigint not null, primary key (rule, member));
create index assignment_turns_member on assignment_turns (member);
`,
  },
  {
    number: 47,
    title: 'bookings that exclude each other, calls from outside, entries of call lists that somebody works at',
    sql: `
create extension if not exists btree_gist with schema public;
-- The time that a booking takes of each host: of two that overlap the database lets one in.
create table booking_holds (
  meeting uuid not null, host uuid not null, taken tstzrange not null, primary key (meeting, host),
  constraint booking_holds_once exclude using gist (host with =, taken with &&)
);
-- Calls of pages for everybody, by a digest of the door and of who came, for holding them to so many.
create table public_calls (door bytea not null, span timestamptz(3) not null, n integer not null, primary key (door, span));
create index public_calls_old on public_calls (span);
-- Who is at which entry of a call list, and until when nobody else is given it.
create table call_holds (entry uuid primary key, user_id uuid not null, until timestamptz(3) not null);
create index call_holds_user on call_holds (user_id);
`,
  },
  {
    number: 48,
    title: 'reports that were delivered',
    sql: `
-- Once a recipient and moment. The file lies under the id.
create table report_deliveries (
  id uuid primary key, schedule uuid not null, user_id uuid not null, moment timestamptz(3) not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'skipped', 'failed')), reason text,
  name text, type text, bytes bigint, at timestamptz(3) not null default now(), made_at timestamptz(3), fetched_at timestamptz(3),
  expires_at timestamptz(3), unique (schedule, user_id, moment)
);
create index report_deliveries_user on report_deliveries (user_id, moment desc);
create index report_deliveries_schedule on report_deliveries (schedule, moment desc);
create index report_deliveries_at on report_deliveries (at);
`,
  },
  {
    number: 49,
    title: 'whose calendars somebody sees side by side',
    sql: `
create table calendar_people (user_id uuid not null, person uuid not null, place integer not null, primary key (user_id, person));
create index calendar_people_person on calendar_people (person);
`,
  },
  {
    number: 51,
    title: 'whose time meetings take',
    sql: `
-- Of everybody who takes part in a meeting that was not called off the time that it takes of them, so that what somebody has between two
-- moments is found without reading what they ever had.
create table meeting_times (meeting uuid not null, user_id uuid not null, taken tstzrange not null, primary key (meeting, user_id));
-- A base that is new has no meetings, and no table of them yet.
do $$ begin
  if to_regclass('meetings') is not null then
    insert into meeting_times (meeting, user_id, taken)
    select m.id, w.id, tstzrange(m.start, m.end_) from meetings m
    cross join lateral (select m.owner_id as id where m.owner_id is not null
      union select l.to_id from meetings_colleagues l where l.from_id = m.id and l.role is distinct from 'declined') w
    where m.deleted_at is null and m.status in ('planned', 'held') and m.end_ > m.start;
  end if;
end $$;
create index meeting_times_user on meeting_times using gist (user_id, taken);
`,
  },
];
