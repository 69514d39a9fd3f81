import * as z from 'zod';

/**
 * What running a document does. Its content isn't run: its effect is declared beside it. One that says nothing of what it does to the
 * instance, and doesn't fail, does what its alarm needs: it starts what has died, and frees disk and memory.
 */
export const documentEffectSchema = z.strictObject({
  /** Processes that it starts, or starts again. */
  restarts: z.union([z.string().min(1), z.array(z.string().min(1)).readonly()]).optional(),
  /** Percent of a file system, the root's where `path` is left out, and of the memory. */
  frees: z
    .strictObject({
      disk: z.number().min(0).max(100).optional(),
      path: z.string().startsWith('/').optional(),
      memory: z.number().min(0).max(100).optional(),
    })
    .refine(({ disk, memory }) => disk !== undefined || memory !== undefined, 'must say how much of the disk or the memory')
    .optional(),
  /**
   * The file system that it lets have all of its volume, as `growpart` and `xfs_growfs` or `resize2fs` do: by its path, its device, or its
   * volume's id or serial number. `{{ name }}` is what the command has for this parameter. It fails where there is none such.
   */
  extends: z.string().min(1).max(300).optional(),
  /** Prints the instance's block devices in the end, as `lsblk --json --bytes` does. */
  lists: z.literal('block-devices').optional(),
  /** Whether it does what its alarm needs, where that isn't to follow from the rest. */
  remedies: z.boolean().optional(),
  /** The exit code that it fails with. */
  fails: z.int().min(1).max(255).optional(),
  /** How long it runs; drawn where it is left out. */
  seconds: z.number().min(0).optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  /** It goes on although somebody cancels it. */
  ignoresCancel: z.boolean().optional(),
});

/** What running a document does, as `documentEffectSchema` has it. */
export type DocumentEffect = z.infer<typeof documentEffectSchema>;
