{
  "includes": ["native/gyp_variables.gypi"],
  "target_defaults": {
    "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
    "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_ADDON_API_CPP_EXCEPTIONS"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden", "-fno-math-errno", "-ffp-contract=off", "-fopenmp"]
  },
  "targets": [
    { "target_name": "k_ref", "type": "static_library", "sources": ["<@(saraf_ref)"], "defines": ["SARAF_ISA_NS=ref", "SARAF_ISA_REF"] },
    {
      "target_name": "k_sse2", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=sse2", "SARAF_ISA_SSE2"], "cflags_cc": ["-msse2"]
    },
    {
      "target_name": "k_sse2_inexact", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=sse2_inexact", "SARAF_ISA_SSE2", "SARAF_INEXACT"], "cflags_cc": ["-msse2"]
    },
    {
      "target_name": "k_avx", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=avx", "SARAF_ISA_AVX"], "cflags_cc": ["-mavx"]
    },
    {
      "target_name": "k_avx_inexact", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=avx_inexact", "SARAF_ISA_AVX", "SARAF_INEXACT"], "cflags_cc": ["-mavx"]
    },
    {
      "target_name": "k_avx2", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=avx2", "SARAF_ISA_AVX2"], "cflags_cc": ["-mavx2", "-mfma"]
    },
    {
      "target_name": "k_avx512", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=avx512", "SARAF_ISA_AVX512"],
      "cflags_cc": ["-Wno-maybe-uninitialized", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx2", "-mfma", "-mprefer-vector-width=512"]
    },
    {
      "target_name": "k_neon", "type": "static_library", "sources": ["<@(saraf_simd)"],
      "defines": ["SARAF_ISA_NS=neon", "SARAF_ISA_NEON"], "cflags_cc": ["-fno-schedule-insns"]
    },
    {
      "target_name": "saraf",
      "sources": ["<@(saraf_base)"],
      "dependencies": ["k_ref"],
      "ldflags": ["-fopenmp", "-Wl,-z,nodelete", "-Wl,-rpath,'$$ORIGIN'", "-static-libstdc++", "-static-libgcc"],
      "conditions": [
        ["target_arch=='x64'", { "defines": ["SARAF_X86"], "dependencies": ["k_sse2", "k_sse2_inexact", "k_avx", "k_avx_inexact", "k_avx2", "k_avx512"] }],
        ["target_arch=='arm64'", { "defines": ["SARAF_ARM64"], "dependencies": ["k_neon"] }],
        # Built only where the compiler knows AVX512-BF16 and AMX.
        ["target_arch=='x64' and mixed_sets==1", { "defines": ["SARAF_MIXED_SETS"], "dependencies": ["k_avx512_bf16", "k_amx"] }],
        ["OS=='linux'", {
          # Slim images lack the OpenMP runtime: it travels beside the addon.
          "actions": [{
            "action_name": "libgomp",
            "inputs": [],
            "outputs": ["<(PRODUCT_DIR)/libgomp.so.1"],
            "action": ["node", "-e", "const from = require('child_process').execSync((process.env.CXX || 'c++') + ' -print-file-name=libgomp.so.1', { encoding: 'utf8' }).trim(); if (require('path').isAbsolute(from)) require('fs').copyFileSync(from, process.argv[1])", "<(PRODUCT_DIR)/libgomp.so.1"]
          }]
        }]
      ]
    }
  ],
  "conditions": [
    ["target_arch=='x64' and mixed_sets==1", {
      "targets": [
          {
            "target_name": "k_avx512_bf16", "type": "static_library", "sources": ["<@(saraf_mixed)"],
            "defines": ["SARAF_ISA_NS=avx512_bf16", "SARAF_ISA_AVX512", "SARAF_MIXED"],
            "cflags_cc": ["-Wno-maybe-uninitialized", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx2", "-mfma", "-mprefer-vector-width=512", "-mavx512bf16"]
          },
          {
            "target_name": "k_amx", "type": "static_library", "sources": ["<@(saraf_mixed)"],
            "defines": ["SARAF_ISA_NS=amx", "SARAF_ISA_AMX", "SARAF_ISA_AVX512", "SARAF_MIXED"],
            "cflags_cc": ["-Wno-maybe-uninitialized", "-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx2", "-mfma", "-mprefer-vector-width=512", "-mavx512bf16", "-mamx-tile", "-mamx-bf16"]
          }
      ]
    }]
  ]
}
