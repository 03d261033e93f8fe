export { gradientNorms, RECURRENT_CELLS, type GradientNorms, type GradientNormsOptions, type RecurrentCell } from './gradient-norms.js';
export { equationFindings, workedExamples, type EquationFinding, type WorkedExample } from './worked-examples.js';
