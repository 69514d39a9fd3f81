/**
 * The name servers that the public DNS has for a name: none where nothing is delegated there.
 * @throws if DNS gives no answer, which says nothing
 */
export type NameServers = (name: string) => Promise<string[]>;
