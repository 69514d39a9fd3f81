/** A container instance of ECS, which runs on an instance of EC2. */
export type ContainerHostFacts = {
  arn: string;
  /** The name of its cluster. */
  cluster: string;
  tags: Record<string, string>;
  /** `ACTIVE`, `DRAINING`, `INACTIVE` …. docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html */
  status: string;
  /** Whether its agent is connected. */
  connected: boolean;
  /** Tasks that ECS wants to run on it, and how many of them are of no service: those don't move. */
  tasks: number;
  standalone: number;
  /** Hosts of the cluster: all, those without a connected agent or on their way out, and those that can take tasks. */
  hosts: { all: number; lost: number; lostIds: string[]; able: number };
};
