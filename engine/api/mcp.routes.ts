import { z } from 'zod';
import type { Route } from './route.ts';

/**
 * The Model Context Protocol over Streamable HTTP, without sessions: each post is answered by itself. A tool is a request to the same
 * addresses as everybody's, under the caller's own credentials, so it can do nothing that they cannot.
 */
export const mcpRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/mcp',
    tag: 'mcp',
    reads: true,
    summary: 'Model Context Protocol: JSON-RPC over Streamable HTTP, stateless',
    body: z.looseObject({ jsonrpc: z.literal('2.0') }),
    answer: { type: 'object' },
    handler: async ({ ctx, body, request }) => {
      // The protocol's library is a fifth of an idle server's memory: it comes with the first assistant.
      const { answerAssistant } = await import('./mcp-server.ts');
      return answerAssistant(ctx, request, body);
    },
  },
  {
    method: 'GET',
    path: '/mcp',
    tag: 'mcp',
    summary: 'Nothing is told unasked: always 405',
    status: 405,
    answer: 'none',
    handler: () => ({ status: 405, headers: { allow: 'POST' } }),
  },
];
