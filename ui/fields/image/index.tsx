import { fieldView } from '../field-view.tsx';
import classes from '../file/file.module.css';
import { FileEdit } from '../file/file-edit.tsx';
import { FileIcon } from '../file/file-line.tsx';
import { type FileValue, readFile } from '../file/upload.ts';
import { TextFilter } from '../filter-controls.tsx';

function read(wire: unknown): FileValue[] | null {
  const found = readFile(Array.isArray(wire) ? wire[0] : wire);
  return found ? [found] : null;
}

/** A picture, shown small; it opens whole. */
export const image = fieldView<FileValue[]>({
  read,
  write: (value) => value[0]?.id ?? null,
  text: (value) => value[0]?.name ?? '',
  width: 96,
  large: true,
  Cell: ({ value }) => value[0] && <FileIcon value={value[0]} />,
  Read: ({ value: [one] }) =>
    one && (
      <a href={one.url} target="_blank" rel="noreferrer" title={one.name}>
        <img className={classes.preview} src={`${one.thumbnail ?? one.url}?size=256`} alt={one.name} loading="lazy" />
      </a>
    ),
  Edit: (props) => <FileEdit {...props} picture />,
  Filter: TextFilter,
});
