import type { Given, RefusalCatalogue } from './sentence.ts';

/** What people meet when Slipway reads its config and its environment. */
export const configRefusals = {
  'config-missing': ({ file }: Given<'file'>) => ({
    text: `There is no config at ${file}.`,
    hint: '`slipway init` writes one. If it is elsewhere, set SLIPWAY_CONFIG to its path.',
  }),
  'config-unreadable': ({ file, reason }: Given<'file' | 'reason'>) => ({
    text: `The config ${file} cannot be read: ${reason}.`,
    hint: 'Make it a UTF-8 text file that this user may read.',
  }),
  'config-invalid': ({ file, count, problems }: Given<'file' | 'count' | 'problems'>) => ({
    text: `${count === 1 ? 'One thing is' : `${count} things are`} wrong in ${file}:\n\n${
      Array.isArray(problems) ? problems.join('\n\n') : problems
    }`,
    hint: 'docs/configuration.md describes every setting; `slipway schema` prints the schema for your editor.',
  }),
  'config-unexpected': ({ reason }: Given<'reason'>) => ({
    text: `The configuration cannot be taken, for a reason that Slipway did not expect (${reason}).`,
    hint: 'Undo what was changed last; the log has the details, which belong into a report of a bug.',
  }),
  'repository-config-missing': ({ service, file, branch }: Given<'service' | 'file' | 'branch'>) => ({
    text: `There is no ${file} on ${branch} of the repository of ${service}, and slipway.yaml takes settings of ${service} from there.`,
    hint: `Commit the file, if only with a comment in it, or take \`from\` out of ${service} in slipway.yaml.`,
  }),
  'credentials-unreadable': ({ path, reason, user }: Given<'path' | 'reason' | 'user'>) => ({
    text: `The secrets in ${path} cannot be read (${reason}) by user ${user}, as which Slipway runs.`,
    hint: `Give them to that user: chown -R ${user} the folder that is mounted there, with mode 0500, its files 0400.`,
  }),
  'secret-missing': ({ name, service }: Given<'name', 'service'>) => ({
    text: `The environment variable ${name} is not set${service ? `, and ${service} needs it` : ', and the config names it'}.`,
    hint: `Set ${name} where Slipway is started, then start it again.`,
  }),
  'check-address': ({ name, example }: Given<'name' | 'example'>) => ({
    text: `The environment variable ${name} is not the address of a server that a check can ask.`,
    hint: `It is written like ${example}, with special characters percent-encoded. Set ${name} where Slipway is started, then start it again.`,
  }),
  'check-file': ({ path, reason }: Given<'path' | 'reason'>) => ({
    text: `The file ${path}, which a check needs, cannot be read (${reason}).`,
    hint: 'Relative paths start at the folder of the config. Mend the path or the rights, then start Slipway again.',
  }),
  'check-tls-name': ({ name }: Given<'name'>) => ({
    text: `The address in ${name} holds the number of a host, and the certificate of a server is for a name.`,
    hint: 'Write the name of the host in the address, or set tls.name to the name that the certificate is for.',
  }),
  'module-missing': ({ module, kind }: Given<'module' | 'kind'>) => ({
    text: `Checks of the kind ${kind} need the package ${module}, which is not installed.`,
    hint: `Install it where Slipway is installed (npm install ${module}), or install Slipway with its optional packages.`,
  }),
  'variables-missing': ({ names, missing }: Given<'names' | 'missing'>) => {
    const lines = Array.isArray(missing) ? missing : [String(missing)];
    const isSlack = Array.isArray(names) && names.includes('SLACK_APP_TOKEN');
    return {
      text:
        lines.length === 1
          ? `The environment variable ${lines[0]} is not set.`
          : `${lines.length} environment variables are not set:\n\n${lines.map((line) => `  ${line}`).join('\n')}`,
      hint: `Set ${lines.length === 1 ? 'it' : 'all of them'} where Slipway is started, then start it again.${
        isSlack ? ' Instead of SLACK_APP_TOKEN, SLACK_SIGNING_SECRET and PORT let Slack call over HTTP.' : ''
      }`,
    };
  },
  'environment-missing': ({ name }: Given<'name'>) => ({
    text: `The environment variable ${name} is not set; without it Slipway cannot reach Slack.`,
    hint:
      name === 'SLACK_APP_TOKEN'
        ? 'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET and PORT to be called over HTTP. The README says where each comes from.'
        : 'Set it where Slipway is started. The README says where it comes from.',
  }),
  'environment-invalid': ({ name, value, expected }: Given<'name' | 'value' | 'expected'>) => ({
    text: `The environment variable ${name} is "${value}"; expected ${expected}.`,
    hint: `Correct ${name} where Slipway is started, or leave it out, then start it again.`,
  }),
  'bot-unnamed': ({ name }: Given<'name'>) => ({
    text: `The environment variable ${name} is not set: Slipway does not know which bot to ask, or with what.`,
    hint: 'SLIPWAY_URL is the address of its API (or --url), SLIPWAY_TOKEN a token with the scope "ship" from operations.api.tokens.',
  }),
  'bot-refused': ({ message, code }: Given<'message' | 'code'>) => ({ text: `${message} (${code})` }),
  'port-unavailable': ({ port, code }: Given<'port' | 'code'>) => ({
    text:
      code === 'EACCES'
        ? `This user may not listen on port ${port}.`
        : `Something else on this machine listens on port ${port} already.`,
    hint: 'Set PORT to another one, and change the address that Slack calls with it.',
  }),
  'operations-unavailable': ({ host, port, code }: Given<'host' | 'port' | 'code'>) => ({
    text:
      code === 'EADDRINUSE'
        ? `Something else on this machine listens on port ${port} already, where /healthz, /readyz and /metrics were to be.`
        : `Slipway cannot answer /healthz, /readyz and /metrics on ${host}, port ${port} (${code}).`,
    hint: 'Set METRICS_PORT, or operations.port and operations.host in slipway.yaml, to a port and an address of this machine that are free.',
  }),
} satisfies RefusalCatalogue;
