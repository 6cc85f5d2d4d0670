import { Input, Skeleton } from '@mantine/core';
import { lazy, type ReactNode, Suspense } from 'react';
import { type EditProps, fieldView, readText } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';
import { HtmlView, htmlWords } from './html-view.tsx';
import classes from './rich-text.module.css';

/** The editor is heavy and fetched when somebody first writes. */
const Editor = lazy(() => import('./editor.tsx'));

function RichTextEdit(props: EditProps<string>): ReactNode {
  return (
    <Input.Wrapper label={props.label} labelElement="div" error={props.error} withAsterisk={props.required}>
      <Suspense fallback={<Skeleton height={154} radius="sm" />}>
        <Editor {...props} />
      </Suspense>
    </Input.Wrapper>
  );
}

/** Text with headings, lists, links and mentions; a list shows its words. */
export const richText = fieldView<string>({
  read: readText,
  text: htmlWords,
  width: 280,
  large: true,
  Read: ({ value }) => (
    <div className={classes.rich}>
      <HtmlView html={value} />
    </div>
  ),
  Edit: RichTextEdit,
  Filter: TextFilter,
});
