export type Bump = 'major' | 'minor' | 'patch';
