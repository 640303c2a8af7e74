import type { ImageElement } from '@slack/types';
import { BlockButton, FeedbackButtons, IconButton, OverflowMenu } from './button.tsx';
import { type FieldProps, OptionBoxes, OptionSelect, PlaceSelect } from './choices.tsx';
import { imageAddress } from './image.tsx';
import { TextField, TimeField } from './inputs.tsx';

/** Any element of Block Kit. One that we do not know says so instead of vanishing. */
export function ElementView(props: FieldProps) {
  const { element } = props;
  switch (element.type) {
    case 'button':
    case 'workflow_button':
      return <BlockButton {...props} />;
    case 'overflow':
      return <OverflowMenu {...props} />;
    case 'icon_button':
      return <IconButton {...props} />;
    case 'feedback_buttons':
      return <FeedbackButtons {...props} />;
    case 'static_select':
    case 'external_select':
    case 'multi_static_select':
    case 'multi_external_select':
      return <OptionSelect {...props} />;
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
    case 'multi_users_select':
    case 'multi_channels_select':
    case 'multi_conversations_select':
      return <PlaceSelect {...props} />;
    case 'checkboxes':
    case 'radio_buttons':
      return <OptionBoxes {...props} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return <TimeField {...props} />;
    case 'plain_text_input':
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'rich_text_input':
      return <TextField {...props} />;
    case 'image': {
      const image = element as unknown as ImageElement;
      return <img class="accessory-image" src={imageAddress(image)} alt={image.alt_text} />;
    }
    default:
      return <span class="unknown">This page cannot show “{element.type}”.</span>;
  }
}
