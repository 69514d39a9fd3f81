import type { DBInstance } from '@aws-sdk/client-rds';

/** What a reboot may apply, by name. Parameters and options are pending apart from the other changes. */
export const pendingOf = ({ PendingModifiedValues, DBParameterGroups, OptionGroupMemberships }: DBInstance): string[] => [
  ...Object.entries(PendingModifiedValues ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key])),
  ...(DBParameterGroups ?? []).flatMap(({ DBParameterGroupName, ParameterApplyStatus = 'in-sync' }) =>
    ParameterApplyStatus === 'in-sync' ? [] : [`parameters of ${DBParameterGroupName} (${ParameterApplyStatus})`],
  ),
  ...(OptionGroupMemberships ?? []).flatMap(({ OptionGroupName, Status = 'in-sync' }) =>
    Status === 'in-sync' ? [] : [`options of ${OptionGroupName} (${Status})`],
  ),
];
