/** What the page shows when something fails, in the manner of Slack's own client. */
export function errorText(code: string, what: string, appName: string): string {
  switch (code) {
    case 'operation_timeout':
      return `${what} failed with the error "operation_timeout": ${appName} did not answer within 3 seconds.`;
    case 'dispatch_failed':
      return `${what} failed with the error "dispatch_failed": ${appName} is not connected.`;
    case 'unknown_command':
      return `${what} is not a command of this workspace.`;
    case 'element_not_found':
      return 'This button is gone: the message has changed since.';
    case 'message_not_found':
      return 'This message no longer exists.';
    case 'not_found':
      return 'This dialog is no longer open.';
    case 'not_in_channel':
      return 'Join the channel first.';
    case 'channel_not_found':
      return 'There is no such channel, or you cannot see it.';
    case 'account_inactive':
      return 'This account is deactivated.';
    case 'messages_tab_disabled':
      return `Sending messages to ${appName} has been turned off.`;
    case 'no_text':
      return 'There is nothing to send.';
    case 'invalid_arguments':
    case 'invalid_blocks':
    case 'missing_text_in_message':
      return `${appName} answered with something Slack would not show (${code}).`;
    default:
      return `${what} failed with the error "${code}".`;
  }
}
