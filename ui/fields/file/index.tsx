import { fieldView } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';
import classes from './file.module.css';
import { FileEdit } from './file-edit.tsx';
import { FileLine } from './file-line.tsx';
import { type FileValue, readFile } from './upload.ts';

/** Reads one file or a list of them as a list. */
function read(wire: unknown): FileValue[] | null {
  const found = (Array.isArray(wire) ? wire : [wire]).map(readFile).filter((value) => value !== null);
  return found.length > 0 ? found : null;
}

/** Files: an icon and a name that opens them; written by their ids. */
export const file = fieldView<FileValue[]>({
  read,
  write: (value, field) => (field.many ? value.map(({ id }) => id) : (value[0]?.id ?? null)),
  text: (value) => value.map(({ name }) => name).join(', '),
  width: 176,
  large: true,
  Cell: ({ value }) => (
    <span className={classes.line}>
      {value[0] && <FileLine value={value[0]} />}
      {value.length > 1 && <span className="pg-meta">{`+${value.length - 1}`}</span>}
    </span>
  ),
  Read: ({ value }) => (
    <div className={classes.lines}>
      {value.map((one) => (
        <FileLine key={one.id} value={one} />
      ))}
    </div>
  ),
  Edit: FileEdit,
  Filter: TextFilter,
});
