/** The domain of AWS that a region belongs to: China, the European Sovereign Cloud and the government have their own. */
export function domainOf(region: string): { readonly api: string; readonly console: string } {
  if (region.startsWith('cn-')) return { api: 'amazonaws.com.cn', console: 'amazonaws.cn' };
  if (region.startsWith('eusc-')) return { api: 'amazonaws.eu', console: 'amazonaws-eusc.eu' };
  if (region.startsWith('us-gov-')) return { api: 'amazonaws.com', console: 'amazonaws-us-gov.com' };
  return { api: 'amazonaws.com', console: 'aws.amazon.com' };
}

/** Where people look at CloudWatch: `place` is what follows the # of its address. */
export function cloudwatchConsole(region: string, place: string): string {
  return `https://${region}.console.${domainOf(region).console}/cloudwatch/home?region=${region}#${place}`;
}
