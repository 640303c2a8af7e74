import { tableOf } from '../shared/kinds.ts';
import { fileHeads } from './file.ts';
import { gitHeads } from './git.ts';
import { slackHeads } from './slack.ts';
import { webhookHeads } from './webhook.ts';

/** Where heads of the audit are published: `audit.publish`. */
export const heads = tableOf([slackHeads, gitHeads, webhookHeads, fileHeads]);
