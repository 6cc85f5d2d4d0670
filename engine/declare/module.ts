import type { ActionDeclaration } from './action.ts';
import type { Preset } from './import-mapping.ts';
import type { Measure } from './measure.ts';
import type { ObjectDeclaration } from './object.ts';
import type { DashboardDeclaration, ReportDeclaration } from './report.ts';
import type { Words } from './words.ts';

/** A module as the model sees it: the nouns and verbs it declares. Rules and runners are added by the floors that run them. */
export interface ModuleDeclaration {
  key: string;
  objects: readonly ObjectDeclaration[];
  actions?: readonly ActionDeclaration[];
  measures?: readonly Measure[];
  /** Reports and dashboards over measures of any module, ready to be read and copied. */
  reports?: readonly ReportDeclaration[];
  dashboards?: readonly DashboardDeclaration[];
  /** Its words, where the browser was not built with them: modules from folders. */
  words?: Words;
  /** Mappings for the files of known sources. */
  presets?: readonly Preset[];
}
