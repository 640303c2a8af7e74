import { readFile } from 'node:fs/promises';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import { keptSecret } from '../../../domain/text/redaction.ts';
import type { AdapterContext } from '../context.ts';
import { fromContainer, fromInstance } from './metadata.ts';
import { ProviderSilent } from './problem.ts';
import { type AwsProfile, readProfiles } from './profile-files.ts';
import type { AwsCredentials } from './signature.ts';
import { assumeRole, assumeRoleWithWebIdentity, type RoleAsked } from './token-service.ts';

export interface CredentialOptions {
  readonly region: string;
  readonly profile: string | undefined;
  /** A role to take with what is found. */
  readonly role: string | undefined;
  /** From the config. */
  readonly given: AwsCredentials | null;
}

/** Temporary keys are renewed so long before they expire. */
const RENEW_MS = 300_000;
const DEEPEST = 5;
/** A provider of tokens that AWS has not reached for so long, with no longer pause between two tries, is not waited for, in ms. */
const SILENT_MS = 600_000;

/**
 * Where the keys come from, in the order in which the tools of AWS look: the config, the environment, a profile, a
 * token of Kubernetes, the container, the machine. Kept until shortly before they expire. Refusal `aws-credentials`.
 */
export class CredentialChain {
  readonly #options: CredentialOptions;
  readonly #context: AdapterContext;
  #known: AwsCredentials | null = null;
  #asking: Promise<AwsCredentials> | null = null;
  /** When AWS has said first and last that it did not reach the provider of a token. */
  #silent: { readonly since: number; readonly last: number } | null = null;

  constructor(options: CredentialOptions, context: AdapterContext) {
    this.#options = options;
    this.#context = context;
  }

  async get(signal?: AbortSignal): Promise<AwsCredentials> {
    const left = this.#left();
    if (this.#known !== null && left > RENEW_MS) return this.#known;
    this.#asking ??= this.#find(signal).finally(() => {
      this.#asking = null;
    });
    try {
      this.#known = await this.#asking;
    } catch (error) {
      if (this.#known === null || left <= 0) throw error;
    }
    return this.#known;
  }

  /** They were refused as expired. */
  forget(): void {
    this.#known = null;
  }

  #left(): number {
    return (this.#known?.expiresAt ?? Number.POSITIVE_INFINITY) - this.#context.now();
  }

  async #find(signal: AbortSignal | undefined): Promise<AwsCredentials> {
    const found = await this.#base(signal);
    const { role, region } = this.#options;
    return kept(role === undefined ? found : await this.#withRole({ role, region }, found, signal));
  }

  async #base(signal: AbortSignal | undefined): Promise<AwsCredentials> {
    const { given, profile } = this.#options;
    if (given !== null) return given;
    const id = this.#variable('AWS_ACCESS_KEY_ID');
    const secret = this.#variable('AWS_SECRET_ACCESS_KEY');
    if (profile === undefined && id !== undefined && secret !== undefined) {
      return { accessKeyId: id, secretAccessKey: secret, sessionToken: this.#variable('AWS_SESSION_TOKEN') };
    }
    const variable = (name: string) => this.#variable(name);
    const wanted = profile ?? variable('AWS_PROFILE');
    const profiles = await readProfiles(variable);
    const chosen = profiles.get(wanted ?? 'default');
    if (chosen !== undefined) {
      const found = await this.#fromProfile(wanted ?? 'default', profiles, signal, 0);
      if (found !== null) return found;
    }
    if (wanted !== undefined) throw none(`there is no profile ${wanted} with keys or a role`);
    const tokenFile = variable('AWS_WEB_IDENTITY_TOKEN_FILE');
    const role = variable('AWS_ROLE_ARN');
    if (tokenFile !== undefined && role !== undefined) return this.#fromToken(tokenFile, role, signal);
    const options = { now: this.#context.now(), signal };
    return (await fromContainer(variable, options)) ?? (await this.#instance(options));
  }

  async #instance(options: { readonly now: number; readonly signal: AbortSignal | undefined }) {
    if (this.#variable('AWS_EC2_METADATA_DISABLED')?.toLowerCase() !== 'true') {
      const found = await fromInstance((name) => this.#variable(name), options);
      if (found !== null) return found;
    }
    throw none('neither the environment nor a profile has keys, and this machine has no role');
  }

  async #fromProfile(
    name: string,
    profiles: ReadonlyMap<string, AwsProfile>,
    signal: AbortSignal | undefined,
    depth: number,
  ): Promise<AwsCredentials | null> {
    const profile = profiles.get(name);
    if (profile === undefined || depth > DEEPEST) throw none(`the profile ${name} leads nowhere`);
    const role = profile['role_arn'];
    const tokenFile = profile['web_identity_token_file'];
    if (role !== undefined && tokenFile !== undefined) return this.#fromToken(tokenFile, role, signal);
    const source = profile['source_profile'];
    const isOwnSource = source === name;
    const taken = async (arn: string, base: AwsCredentials) => {
      if (profile['mfa_serial'] !== undefined) throw notUsed(name, 'mfa_serial');
      const region = profile['region'] ?? this.#options.region;
      return this.#withRole({ role: arn, region, externalId: profile['external_id'] }, base, signal);
    };
    if (role !== undefined && source !== undefined && !isOwnSource) {
      const base = await this.#fromProfile(source, profiles, signal, depth + 1);
      if (base !== null) return taken(role, base);
    }
    const [accessKeyId, secretAccessKey] = [profile['aws_access_key_id'], profile['aws_secret_access_key']];
    if (accessKeyId && secretAccessKey) {
      const keys = { accessKeyId, secretAccessKey, sessionToken: profile['aws_session_token'] };
      return role !== undefined && isOwnSource ? taken(role, keys) : keys;
    }
    const other = ['sso_session', 'sso_start_url', 'credential_process', 'credential_source'].find(
      (key) => profile[key] !== undefined,
    );
    if (other !== undefined) throw notUsed(name, other);
    return null;
  }

  async #fromToken(file: string, role: string, signal: AbortSignal | undefined): Promise<AwsCredentials> {
    const token = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw none(`the token file ${file} cannot be read (${error.code ?? 'error'})`);
    });
    const { region } = this.#options;
    const asked = { role, region, token: keptSecret(token.trim()) };
    try {
      const found = await assumeRoleWithWebIdentity(asked, this.#sts(signal));
      this.#silent = null;
      return found;
    } catch (error) {
      if (error instanceof ProviderSilent) this.#mustBeNew(error, role);
      throw error;
    }
  }

  /** Its silence has not lasted for long; else it is for a person to mend. */
  #mustBeNew({ reason }: ProviderSilent, role: string): void {
    const now = this.#context.now();
    const { since, last } = this.#silent ?? { since: now, last: now };
    this.#silent = { since: now - last > SILENT_MS ? now : since, last: now };
    const silentMs = now - this.#silent.since;
    if (silentMs < SILENT_MS) return;
    const why = `AWS has not reached the provider of the token for ${durationInWords(silentMs)} (${reason})`;
    throw none(`the role ${role} cannot be taken: ${why}`);
  }

  #withRole(asked: Omit<RoleAsked, 'base'>, base: AwsCredentials, signal: AbortSignal | undefined) {
    return assumeRole({ ...asked, base: kept(base) }, this.#sts(signal));
  }

  #sts(signal: AbortSignal | undefined) {
    return { now: this.#context.now(), signal, endpoint: this.#variable('AWS_ENDPOINT_URL_STS') };
  }

  /** A variable that need not be set. */
  #variable(name: string): string | undefined {
    try {
      return this.#context.secret(name) || undefined;
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }
}

function kept(credentials: AwsCredentials): AwsCredentials {
  keptSecret(credentials.secretAccessKey);
  if (credentials.sessionToken !== undefined) keptSecret(credentials.sessionToken);
  return credentials;
}

function none(reason: string): Refusal {
  return new Refusal('aws-credentials', { reason });
}

function notUsed(profile: string, key: string): Refusal {
  return none(`the profile ${profile} has ${key}, which Slipway does not use`);
}
