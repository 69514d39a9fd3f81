import type { Random } from '../../../core/random.ts';
import type { Session } from '../../../core/session.ts';

/** What a session is begun with. */
export type Begun = Omit<Session, 'accessKey' | 'secretKey' | 'token' | 'createdAt'>;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Every session that was ever begun: CloudTrail tells of those that are over, too. */
export const createSessions = (random: Random, now: () => number) => {
  const sessions = new Map<string, Session>();
  const text = (length: number) => Array.from({ length }, () => letters[random.int(letters.length)]).join('');
  return {
    get: (accessKey: string): Session | undefined => sessions.get(accessKey),
    begin: (begun: Begun): Session => {
      const session = { ...begun, accessKey: `ASIA${text(16)}`, secretKey: text(40), token: `FwoGZXIvYXdz${text(64)}`, createdAt: now() };
      sessions.set(session.accessKey, session);
      return session;
    },
  };
};

export type Sessions = ReturnType<typeof createSessions>;
