import {
  IconFile,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconMovie,
  IconMusic,
  IconPhoto,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatSize } from '../../format.ts';
import { iconLook } from '../../icons.ts';
import classes from './file.module.css';
import type { FileValue } from './upload.ts';

/** The icon of a kind of file, or the picture itself, small. */
export function FileIcon({ value }: { value: FileValue }): ReactNode {
  if (value.thumbnail) return <img className={classes.small} src={`${value.thumbnail}?size=64`} alt="" loading="lazy" />;
  const { type } = value;
  const Icon = type.startsWith('image/')
    ? IconPhoto
    : type.startsWith('audio/')
      ? IconMusic
      : type.startsWith('video/')
        ? IconMovie
        : type === 'application/pdf'
          ? IconFileTypePdf
          : /sheet|csv|excel/.test(type)
            ? IconFileSpreadsheet
            : /zip|compressed|rar/.test(type)
              ? IconFileZip
              : /^text|word|rtf|opendocument.text/.test(type)
                ? IconFileText
                : IconFile;
  return <Icon {...iconLook} className={classes.icon} aria-hidden />;
}

/** A file by its name, which opens it. */
export function FileLine({ value }: { value: FileValue }): ReactNode {
  return (
    <span className={classes.line} title={`${value.name}, ${formatSize(value.size)}`}>
      <FileIcon value={value} />
      <a className="pg-link pg-ellipsis" href={value.url} target="_blank" rel="noreferrer">
        {value.name}
      </a>
    </span>
  );
}
