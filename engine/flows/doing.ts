import type { Edge } from '#engine/declare/flow.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Watched } from '#engine/declare/watched-condition.ts';
import type { Action } from '#engine/record/action.ts';
import type { Context } from '#engine/record/context.ts';
import type { Tx } from '#engine/store/db.ts';
import type { PerigonError } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import type { FlowVersion } from './versions.ts';

/** A run as a step sees it. */
export interface StepRun {
  id: string;
  record: string;
  /** It was here before and is back: its time has come, or somebody decided. */
  entered: boolean;
  context: JsonObject | null;
}

/** What became of a run at a step: it goes on along an edge, rests until something happens, or failed. */
export type Outcome =
  | { edge: Edge; detail?: Json }
  | {
      rest: 'waiting' | 'approval' | 'children';
      until: string | null;
      context?: JsonObject;
      detail?: Json;
      /** For what of its record it is woken before. */
      watched?: Watched;
      /** It rested here already: nothing happened that is worth a line in its history. */
      still?: boolean;
    }
  | { error: PerigonError };

/** A notice that a flow gives; told by the floor that keeps notices. */
export interface FlowNotice {
  user: string;
  kind: 'flow' | 'approval' | 'webhook';
  object: string;
  record: string;
  cause: string;
  text: string;
}

/** What steps need of what stands beside the engine of flows. */
export interface Ports {
  actions: ReadonlyMap<string, Action>;
  notify(tx: Tx, notices: readonly FlowNotice[]): Promise<void>;
}

/** A run of a related record, of which another run waits for the end. */
export interface Child {
  id: string;
  record: string;
  parent: string;
  origin: string;
}

/** A step for a group of runs with different records, inside the transaction that moves them on. */
export interface Doing {
  tx: Tx;
  ctx: Context;
  version: FlowVersion;
  object: ModelObject;
  id: string;
  runs: readonly StepRun[];
  ports: Ports;
  /** Records in the trash are read as well: of flows that start when something is deleted. */
  deleted: boolean;
  /** Begins runs of related records at a step. */
  begin(children: readonly Child[], far: ModelObject, step: string): Promise<void>;
}
