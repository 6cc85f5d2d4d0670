import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

/** The types of the client from a description of the API. */
export async function clientTypes(description: unknown): Promise<string> {
  const types = astToString(await openapiTS(structuredClone(description) as OpenAPI3, { alphabetize: true }));
  return `/** Written by \`npm run client\` from the OpenAPI description. */\n\n${types}`;
}
