import type { Speak } from '#engine/reports/table.ts';
import activitiesAr from '#modules/activities/words/ar.json';
import activitiesDe from '#modules/activities/words/de.json';
import activitiesEn from '#modules/activities/words/en.json';
import forecastAr from '#modules/forecast/words/ar.json';
import forecastDe from '#modules/forecast/words/de.json';
import forecastEn from '#modules/forecast/words/en.json';
import insightAr from '#modules/insight/words/ar.json';
import insightDe from '#modules/insight/words/de.json';
import insightEn from '#modules/insight/words/en.json';
import leadsAr from '#modules/leads/words/ar.json';
import leadsDe from '#modules/leads/words/de.json';
import leadsEn from '#modules/leads/words/en.json';
import partyAr from '#modules/party/words/ar.json';
import partyDe from '#modules/party/words/de.json';
import partyEn from '#modules/party/words/en.json';
import salesAr from '#modules/sales/words/ar.json';
import salesDe from '#modules/sales/words/de.json';
import salesEn from '#modules/sales/words/en.json';
import serviceAr from '#modules/service/words/ar.json';
import serviceDe from '#modules/service/words/de.json';
import serviceEn from '#modules/service/words/en.json';
import workspaceAr from '#modules/workspace/words/ar.json';
import workspaceDe from '#modules/workspace/words/de.json';
import workspaceEn from '#modules/workspace/words/en.json';

/** Words of the modules as far as files and links speak them: names of measures, fields and options. */
const CATALOGUES: Record<string, readonly Record<string, string>[]> = {
  en: [insightEn, salesEn, partyEn, workspaceEn, leadsEn, forecastEn, activitiesEn, serviceEn],
  de: [insightDe, salesDe, partyDe, workspaceDe, leadsDe, forecastDe, activitiesDe, serviceDe],
  ar: [insightAr, salesAr, partyAr, workspaceAr, leadsAr, forecastAr, activitiesAr, serviceAr],
};

/** How the server speaks a language: what is missing in it is said in English. */
export function speaking(language: string): Speak {
  const chain = [...(CATALOGUES[language.split('-')[0] ?? ''] ?? []), ...(CATALOGUES.en ?? [])];
  return (key) => chain.find((words) => words[key])?.[key];
}
