{
  "variables": {
    "mixed_sets": "<!(node -e \"try { require('child_process').execSync((process.env.CXX || 'c++') + ' -mavx512bf16 -mamx-tile -mamx-bf16 -x c++ -fsyntax-only -', { input: '', stdio: ['pipe', 'ignore', 'ignore'] }); console.log(1) } catch { console.log(0) }\")",
    "saraf_base": ["<!@(node -p \"require('./native/sources.json').base.join(' ')\")"],
    "saraf_ref": ["<!@(node -p \"require('./native/sources.json').ref.join(' ')\")"],
    "saraf_simd": ["<!@(node -p \"require('./native/sources.json').simd.join(' ')\")"],
    "saraf_mixed": ["<!@(node -p \"require('./native/sources.json').mixed.join(' ')\")"]
  }
}
