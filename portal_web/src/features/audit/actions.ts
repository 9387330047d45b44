/** What is recorded, in the groups one looks for. */
export const ACTIONS = {
  rights: ['AccessGranted', 'AccessRevoked', 'EngagementManagerChanged'],
  people: ['UserCreated', 'UserUpdated', 'UserSuspended', 'UserReactivated', 'TenantSuspended', 'TenantResumed'],
  invitations: ['InvitationIssued', 'InvitationReplaced', 'InvitationCancelled', 'InvitationAccepted'],
  factors: ['SecondFactorAdded', 'SecondFactorRemoved', 'RecoveryCodesRenewed', 'RecoveryCodeUsed', 'PasswordReplaced', 'IdentityLinked'],
  views: ['ViewAsStarted', 'ViewAsEnded'],
  partners: [
    'PartnerApplicationCreated',
    'PartnerApplicationUpdated',
    'PartnerApplicationDisabled',
    'PartnerApplicationEnabled',
    'PartnerSecretAdded',
    'PartnerSecretEnded',
  ],
} as const;

export type Group = keyof typeof ACTIONS;

export const GROUPS = ['rights', 'people', 'invitations', 'factors', 'views', 'partners'] as const satisfies readonly Group[];

export function isGroup(value: string): value is Group {
  return GROUPS.some((one) => one === value);
}

export function groupOf(value: string | undefined): Group | undefined {
  return value !== undefined && isGroup(value) ? value : undefined;
}
