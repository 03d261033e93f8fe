export { gradientNorms, RECURRENT_CELLS, type GradientNorms, type GradientNormsOptions, type RecurrentCell } from './gradient-norms.js';
export { exampleAgreement, EQUATION_TOPICS, type EquationFinding, type EquationTopic, type WorkedExample } from './worked-example.js';
export { equationFindings, workedExamples } from './worked-examples.js';
