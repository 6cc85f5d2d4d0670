/** Objects that administrators keep: offered on the settings page, not in everybody's navigation. */
export const administration: readonly string[] = ['user', 'team', 'role', 'territory', 'exchangeRate', 'pipeline', 'leadForm', 'flow'];
