/** `joined`: an execution of that name exists already, so this is a redelivery of an episode that is known. */
export type Started = 'started' | 'joined';
