export { search, type SearchOptions, type SearchProgress, type Strategy } from './search.js';
export { SearchResult, type Trial } from './search-result.js';
export { intUniform, logUniform, uniform, type Params, type ParamValue, type Range, type Space } from './space.js';
export type { FoldPart, SearchInput } from './fold-data.js';
