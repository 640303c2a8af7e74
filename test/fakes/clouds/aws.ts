import type { IncomingMessage, ServerResponse } from 'node:http';
import { signedHeaders } from '../../../src/adapters/shared/aws/signature.ts';
import { startHttpServer, type TestServer } from '../http-server.ts';

interface Key {
  readonly secret: string;
  readonly token?: string;
  expired?: boolean;
}

export interface AwsCall {
  /** Name in signatures; empty for what is not signed. */
  readonly service: string;
  readonly accessKey: string;
  readonly form: URLSearchParams;
  /** `Logs_20140328.FilterLogEvents` of the JSON protocol, and what is asked there. */
  readonly target: string;
  readonly body: string;
}

const REQUEST_ID = '<RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId>';
const SKEW_MS = 900_000;

/**
 * AWS as far as its query and JSON protocols, its token service, and the addresses of containers and machines go. It checks
 * each signature over what really arrived, and refuses with the codes that AWS documents.
 */
export class FakeAws {
  readonly keys = new Map<string, Key>();
  readonly calls: AwsCall[] = [];
  /** Tokens of Kubernetes that it trusts, and tokens of the agent of a container. */
  trusted: string | null = null;
  /** The role of the machine; null: none. */
  machineRole: string | null = null;
  /** The machine does not answer. */
  machineIsAway = false;
  /** What the token service says instead of giving keys of a role. */
  stsTrouble: { readonly status: number; readonly code: string; readonly message: string } | null = null;
  now = 1_760_000_000_000;
  lifeMs = 3_600_000;
  /** Answers a call that is signed well; by `error` and `result`. */
  onCall: (call: AwsCall, response: ServerResponse) => void = (_, response) =>
    this.error(response, 400, 'InvalidAction', 'Could not find operation');
  #given = 0;
  /** Those of who asked by the JSON protocol. */
  readonly #inJson = new WeakSet<ServerResponse>();
  readonly server: TestServer;

  private constructor(server: TestServer) {
    this.server = server;
    server.answer = (request, response) => void this.#answer(request, response);
  }

  static async start(): Promise<FakeAws> {
    return new FakeAws(await startHttpServer());
  }

  get url(): string {
    return this.server.url;
  }

  result(response: ServerResponse, action: string, xml: string): void {
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(
        `<${action}Response xmlns="http://amazonaws.com/doc/"><${action}Result>${xml}</${action}Result><ResponseMetadata>${REQUEST_ID}</ResponseMetadata></${action}Response>`,
      );
  }

  error(response: ServerResponse, status: number, code: string, message: string): void {
    if (this.#inJson.has(response)) {
      return void response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code })
        .end(JSON.stringify({ __type: code, message }));
    }
    response
      .writeHead(status, { 'content-type': 'text/xml' })
      .end(
        `<ErrorResponse xmlns="http://amazonaws.com/doc/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>${REQUEST_ID}</ErrorResponse>`,
      );
  }

  /** A temporary key. */
  #newKey(): {
    readonly id: string;
    readonly secret: string;
    readonly token: string;
    readonly expires: string;
  } {
    this.#given += 1;
    const id = `ASIA${this.#given}`;
    const [secret, token] = [`temporary-secret-${this.#given}`, `temporary-token-${this.#given}`];
    this.keys.set(id, { secret, token });
    return { id, secret, token, expires: new Date(this.now + this.lifeMs).toISOString() };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = request.url ?? '';
    if (request.headers['content-type'] === 'application/x-amz-json-1.1') this.#inJson.add(response);
    if (path.startsWith('/latest/')) return this.#machine(request, response);
    if (path === '/container') {
      if (request.headers.authorization !== this.trusted) return void response.writeHead(401).end();
      const { id, secret, token, expires } = this.#newKey();
      const keys = { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration: expires };
      return void response.end(JSON.stringify(keys));
    }
    const form = new URLSearchParams(this.#inJson.has(response) ? '' : body);
    const action = form.get('Action') ?? '';
    if (action === 'AssumeRoleWithWebIdentity') {
      this.calls.push({ service: '', accessKey: '', form, target: '', body });
      if (form.get('WebIdentityToken') !== this.trusted) {
        return this.error(response, 400, 'InvalidIdentityToken', 'Incorrect token audience');
      }
      return this.#role(response, action);
    }
    const call = this.#signed(request, body, form, response);
    if (call === null) return;
    this.calls.push(call);
    if (call.service === 'sts' && action === 'AssumeRole') return this.#role(response, action);
    this.onCall(call, response);
  }

  #role(response: ServerResponse, action: string): void {
    if (this.stsTrouble) {
      const { status, code, message } = this.stsTrouble;
      return void this.error(response, status, code, message);
    }
    const { id, secret, token, expires } = this.#newKey();
    this.result(
      response,
      action,
      `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${token}</SessionToken><Expiration>${expires}</Expiration></Credentials>`,
    );
  }

  #machine({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    if (this.machineIsAway) return void response.socket?.destroy();
    const folder = '/latest/meta-data/iam/security-credentials/';
    if (url === '/latest/api/token') {
      const ttl = headers['x-aws-ec2-metadata-token-ttl-seconds'];
      return void response.writeHead(method === 'PUT' && ttl ? 200 : 400).end('session-of-the-machine');
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'session-of-the-machine')
      return void response.writeHead(401).end();
    if (this.machineRole === null) return void response.writeHead(404).end('<html>Not Found</html>');
    if (url === folder) return void response.end(this.machineRole);
    if (url !== `${folder}${this.machineRole}`) return void response.writeHead(404).end();
    const { id, secret, token, expires } = this.#newKey();
    response.end(
      JSON.stringify({
        Code: 'Success',
        Type: 'AWS-HMAC',
        AccessKeyId: id,
        SecretAccessKey: secret,
        Token: token,
        Expiration: expires,
      }),
    );
  }

  #signed(
    request: IncomingMessage,
    body: string,
    form: URLSearchParams,
    response: ServerResponse,
  ): AwsCall | null {
    const refuse = (status: number, code: string, message = code) => {
      this.error(response, status, code, message);
      return null;
    };
    const authorization = request.headers.authorization ?? '';
    const found =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([\da-f]{64})$/.exec(
        authorization,
      );
    if (found === null)
      return refuse(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    const [, accessKey = '', , region = '', service = '', names = ''] = found;
    const key = this.keys.get(accessKey);
    if (key === undefined) {
      return refuse(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (key.expired)
      return refuse(403, 'ExpiredToken', 'The security token included in the request is expired');
    const at = String(request.headers['x-amz-date'] ?? '');
    const time = Date.parse(at.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (!(Math.abs(time - this.now) < SKEW_MS))
      return refuse(403, 'SignatureDoesNotMatch', 'Signature expired');
    const own = ['host', 'x-amz-date', 'x-amz-security-token'];
    if (!['host', 'x-amz-date'].every((name) => names.split(';').includes(name))) {
      return refuse(403, 'SignatureDoesNotMatch', 'host and x-amz-date must be signed');
    }
    const headers = Object.fromEntries(
      names
        .split(';')
        .filter((name) => !own.includes(name))
        .map((name) => [name, String(request.headers[name] ?? '')]),
    );
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
    const { authorization: expected } = signedHeaders(
      { method: request.method as 'POST', url, headers, body },
      { accessKeyId: accessKey, secretAccessKey: key.secret, sessionToken: key.token },
      { region, service },
      time,
    );
    if (expected !== authorization) {
      return refuse(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match');
    }
    const target = String(request.headers['x-amz-target'] ?? '');
    return { service, accessKey, form, target, body };
  }

  close(): Promise<void> {
    return this.server.close();
  }
}
