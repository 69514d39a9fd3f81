const timeout = {
  type: 'String',
  default: '3600',
  description: '(Optional) The time in seconds for a command to be completed before it is considered to have failed.',
  allowedPattern: '([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)',
};

const script = (action: string) => ({
  schemaVersion: '1.2',
  description: 'Run a script.',
  parameters: {
    commands: { type: 'StringList', description: '(Required) Commands to run.' },
    workingDirectory: { type: 'String', default: '', description: '(Optional) The path to the working directory.' },
    executionTimeout: timeout,
  },
  runtimeConfig: {
    [action]: {
      properties: [{ runCommand: '{{ commands }}', workingDirectory: '{{ workingDirectory }}', timeoutSeconds: '{{ executionTimeout }}' }],
    },
  },
});

/** Documents that AWS itself provides, as far as a caller sees them. Their texts are not AWS's. */
export const provided: Readonly<Record<string, object>> = {
  'AWS-RunShellScript': script('aws:runShellScript'),
  'AWS-RunPowerShellScript': script('aws:runPowerShellScript'),
  'AWS-UpdateSSMAgent': {
    schemaVersion: '1.2',
    description: 'Update the agent.',
    parameters: { version: { type: 'String', default: '' }, allowDowngrade: { type: 'String', default: 'false' } },
    runtimeConfig: { 'aws:updateSsmAgent': { properties: {} } },
  },
  'AWS-ConfigureAWSPackage': {
    schemaVersion: '2.2',
    description: 'Install or uninstall a package.',
    parameters: {
      action: { type: 'String', allowedValues: ['Install', 'Uninstall'] },
      installationType: { type: 'String', default: 'Uninstall and reinstall' },
      name: { type: 'String' },
      version: { type: 'String', default: '' },
      additionalArguments: { type: 'StringMap', default: {} },
    },
    mainSteps: [{ action: 'aws:configurePackage', name: 'configurePackage', inputs: {} }],
  },
};
