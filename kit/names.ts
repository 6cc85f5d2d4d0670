/** `closeDate` → `close_date`: the column or table name of an API name. */
export const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
