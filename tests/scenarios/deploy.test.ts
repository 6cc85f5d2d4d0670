import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '#tests/harness/places.ts';

/** What the documentation gives to copy: a unit and a container file that programs read, whose paths and commands are there. */
const read = (name: string): string => readFileSync(join(repositoryRoot, 'docs/deploy', name), 'utf8');
const inRepository = (path: string): boolean => existsSync(join(repositoryRoot, path));
/** What a build and an installation make. */
const MADE = ['dist', 'node_modules'];

/** The variables that the server reads, as docs/running.md lists them. */
const variables = new Set(
  [...readFileSync(join(repositoryRoot, 'docs/running.md'), 'utf8').matchAll(/`([A-Z][A-Z_]{3,})(?:=1)?`/g)].map(([, name]) => name),
);

describe('the unit of systemd', () => {
  const unit = read('perigon.service');

  it('has the form of a unit, each key once', () => {
    let section = '';
    const seen = new Set<string>();
    for (const [i, line] of unit.split('\n').entries()) {
      if (line === '' || line.startsWith('#')) continue;
      const heading = /^\[(\w+)\]$/.exec(line);
      if (heading) section = heading[1] ?? '';
      else {
        const key = /^([A-Z]\w+)=/.exec(line)?.[1];
        expect(key, `line ${i + 1}: ${line}`).toBeDefined();
        expect(['Unit', 'Service', 'Install']).toContain(section);
        if (key !== 'Environment') expect(seen.has(`${section}.${key}`), line).toBe(false);
        seen.add(`${section}.${key}`);
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(['Unit.Description', 'Service.ExecStart', 'Service.KillMode', 'Install.WantedBy']));
  });

  it('starts what is there, with variables that are read', () => {
    const [, program, ...args] = /^ExecStart=(\S+) (\S+) (\S+)$/m.exec(unit) ?? [];
    expect(program).toBe('/usr/bin/node');
    expect(inRepository(args[0] ?? '')).toBe(true);
    expect(inRepository(/^Documentation=file:\/opt\/perigon\/(.+)$/m.exec(unit)?.[1] ?? 'none')).toBe(true);
    const named = [...(/^Environment=(.+)$/m.exec(unit)?.[1] ?? '').matchAll(/(\w+)=/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !variables.has(name) && !['NODE_ENV', 'PERIGON_PREPARED'].includes(name))).toEqual([]);
  });

  const verifier = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.runIf(verifier)('is what systemd takes without a word', () => {
    const here = join(mkdtempSync(join(tmpdir(), 'perigon-unit-')), 'perigon.service');
    writeFileSync(here, unit.replace('/usr/bin/node', process.execPath).replaceAll('/opt/perigon', repositoryRoot));
    const said = spawnSync('systemd-analyze', ['verify', here], { encoding: 'utf8' });
    expect(`${said.stdout}${said.stderr}`.split('\n').filter((line) => line.includes('perigon'))).toEqual([]);
    expect(said.status).toBe(0);
  });
});

describe('the container file', () => {
  const INSTRUCTIONS = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENV', 'VOLUME', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD'];
  const steps = read('Containerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ line, word: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
  const of = (word: string) => steps.filter((step) => step.word === word).map(({ rest }) => rest);

  it('has the form of one', () => {
    expect(steps[0]?.word).toBe('FROM');
    for (const { word, rest, line } of steps) {
      expect(INSTRUCTIONS, line).toContain(word);
      expect(rest, line).not.toBe('');
    }
    const stages = of('FROM').map((from) => / AS (\w+)$/.exec(from)?.[1]);
    for (const copy of of('COPY')) {
      const from = /^--from=(\w+) /.exec(copy)?.[1];
      if (from) expect(stages).toContain(from);
    }
    // A signal reaches a program, not a shell; and words in brackets are JSON.
    for (const command of [...of('CMD'), (of('HEALTHCHECK')[0] ?? '').replace(/^.*? CMD /, '')])
      expect(JSON.parse(command)).toEqual(expect.arrayContaining(['node']));
    expect(of('FROM').every((image) => /node:(2[2-9]|[3-9]\d)-\w+-slim/.test(image))).toBe(true);
  });

  it('copies and runs what is there, with variables that are read', () => {
    for (const copy of of('COPY')) {
      const paths = copy
        .replace(/^--from=\w+ /, '')
        .split(' ')
        .slice(0, -1);
      for (const path of paths) {
        const own = path.replace('/opt/perigon/', '');
        expect(own === '.' || MADE.includes(own) || inRepository(own), path).toBe(true);
      }
    }
    for (const script of of('RUN')
      .join(' ')
      .matchAll(/node (\S+\.mjs)/g))
      expect(inRepository(script[1] ?? '')).toBe(true);
    const command = JSON.parse(of('CMD')[0] ?? '[]') as string[];
    expect(inRepository(command[1] ?? 'none')).toBe(true);
    const named = [
      ...of('ENV')
        .join(' ')
        .matchAll(/(\w+)=/g),
    ].map(([, name]) => name ?? '');
    expect(named.filter((name) => !variables.has(name) && !['NODE_ENV', 'PERIGON_PREPARED'].includes(name))).toEqual([]);
  });

  it('takes along all that the server needs to start', () => {
    // Only the launcher of tools/ goes along: what it loads by itself must not be missed where nothing is built.
    const launcher = readFileSync(join(repositoryRoot, 'tools/launch.mjs'), 'utf8');
    const loaded = [...launcher.matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name ?? '');
    expect(loaded.filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(of('ENV').join(' ')).toContain('PERIGON_PREPARED=1');
    expect(launcher).toContain('process.env.PERIGON_PREPARED');
  });
});
