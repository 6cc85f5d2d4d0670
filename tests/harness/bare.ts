import { freshDatabase, type Template } from './database.ts';
import { temporaryFolder } from './places.ts';

/** What `bareDatabase` copies. */
export const bare: Template = {
  key: 'bare',
  build: async (url) => {
    // Only who builds it needs all of the product in its own process.
    const { openProduct } = await import('#apps/server/product.ts');
    const product = await openProduct({ url, dataFolder: temporaryFolder() });
    await product.stop();
  },
};

/**
 * A base as the first start leaves it, before anybody has set a company up; its URL. All of a run are copies of one, which spares each
 * test the making of every table. Where the first start itself is tested, take an empty one: `freshDatabase`.
 */
export const bareDatabase = (): Promise<string> => freshDatabase({ template: bare });
