import type { Core } from '../core.ts';
import { slackView } from '../payloads/format.ts';
import type { ViewDefinition } from '../state/model.ts';
import { checkView, refusal } from '../strict/content.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { json, method, text, textOptional } from './method.ts';

function trigger(
  core: Core,
  args: { trigger_id?: string | undefined; interactivity_pointer?: string | undefined },
) {
  const id = args.trigger_id ?? args.interactivity_pointer;
  if (id === undefined) {
    throw refusal('invalid_arguments', [{ message: 'missing required field: trigger_id', pointer: '' }]);
  }
  return core.triggers.redeem(id);
}

export const viewMethods: Methods = {
  'views.open': method({
    args: { interactivity_pointer: textOptional, trigger_id: textOptional, view: json },
    run: (core, args) => {
      checkView(args.view, 'modal');
      const user = trigger(core, args);
      return { view: slackView(core, core.views.open(user, args.view as ViewDefinition)) };
    },
  }),

  'views.push': method({
    args: { interactivity_pointer: textOptional, trigger_id: textOptional, view: json },
    run: (core, args) => {
      checkView(args.view, 'modal');
      const user = trigger(core, args);
      return { view: slackView(core, core.views.push(user, args.view as ViewDefinition)) };
    },
  }),

  'views.update': method({
    args: { external_id: textOptional, hash: textOptional, view: json, view_id: textOptional },
    run: (core, args) => {
      const view = core.views.find(args);
      checkView(args.view, view.type);
      return { view: slackView(core, core.views.update(view, args.view as ViewDefinition, args.hash)) };
    },
  }),

  'views.publish': method({
    args: { hash: textOptional, user_id: text, view: json },
    run: (core, args) => {
      checkView(args.view, 'home');
      if (!core.manifest.homeTab) throw new SlackError('not_enabled');
      core.store.user(args.user_id);
      return {
        view: slackView(core, core.views.publish(args.user_id, args.view as ViewDefinition, args.hash)),
      };
    },
  }),
};
