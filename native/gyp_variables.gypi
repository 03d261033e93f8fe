{
  "variables": {
    "saraf_base": ["<!@(node -p \"require('./native/sources.json').base.join(' ')\")"],
    "saraf_ref": ["<!@(node -p \"require('./native/sources.json').ref.join(' ')\")"],
    "saraf_simd": ["<!@(node -p \"require('./native/sources.json').simd.join(' ')\")"]
  }
}
