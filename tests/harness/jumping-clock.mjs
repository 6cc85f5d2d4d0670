import * as fs from 'node:fs';

/**
 * Loaded ahead of Perigon (`NODE_OPTIONS=--import …`): its wall clock goes wrong by as many milliseconds as stand in the file that
 * `PERIGON_TEST_CLOCK` names. The database's clock and time that only goes on (`performance.now`) stay as they are, as on a real machine.
 */
const file = process.env.PERIGON_TEST_CLOCK;
if (file) {
  const Real = Date;
  let wrong = 0;
  const read = () => {
    try {
      wrong = Number(fs.readFileSync(file, 'utf8')) || 0;
    } catch {
      wrong = 0;
    }
  };
  read();
  setInterval(read, 100).unref();
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + wrong);
      else super(...given);
    }
    static now() {
      return Real.now() + wrong;
    }
  };
}
