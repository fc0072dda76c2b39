# tickerflow_embed(TARGET HEADER_NAME FILE...)
#
# Adds to TARGET a source that holds the bytes of each FILE, and makes the
# header "HEADER_NAME.hpp" findable with
#   namespace tickerflow::embedded {
#   struct file { std::string_view name; std::string_view content; };
#   const std::vector<file>& HEADER_NAME();
#   }
# File names are without their folder. The bytes go in by the assembler's
# .incbin: fast for any size and no limit on the length of a literal.
function(tickerflow_embed target name)
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  file(MAKE_DIRECTORY "${dir}")
  set(asm "")
  set(rows "")
  set(externs "")
  set(index 0)
  foreach(path IN LISTS ARGN)
    get_filename_component(full "${path}" ABSOLUTE)
    get_filename_component(leaf "${path}" NAME)
    set(symbol "tickerflow_embedded_${name}_${index}")
    string(APPEND asm "__asm__(\".section .rodata\\n\"
  \".global ${symbol}\\n\" \".balign 16\\n\" \"${symbol}:\\n\"
  \".incbin \\\"${full}\\\"\\n\"
  \".global ${symbol}_end\\n\" \"${symbol}_end:\\n\" \".byte 0\\n\"
  \".previous\\n\");\n")
    string(APPEND externs
      "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND rows "    {\"${leaf}\", {${symbol}, static_cast<std::size_t>(${symbol}_end - ${symbol})}},\n")
    math(EXPR index "${index} + 1")
    list(APPEND inputs "${full}")
  endforeach()
  file(CONFIGURE OUTPUT "${dir}/${name}.hpp" CONTENT
"#pragma once
#include <string_view>
#include <vector>
namespace tickerflow::embedded {
#ifndef TICKERFLOW_EMBEDDED_FILE
#define TICKERFLOW_EMBEDDED_FILE
struct file { std::string_view name; std::string_view content; };
#endif
const std::vector<file>& ${name}();
}
" @ONLY)
  file(CONFIGURE OUTPUT "${dir}/${name}.cpp" CONTENT
"#include \"${name}.hpp\"
${asm}
${externs}
namespace tickerflow::embedded {
const std::vector<file>& ${name}() {
  static const std::vector<file> files{
${rows}  };
  return files;
}
}
" @ONLY)
  set_source_files_properties("${dir}/${name}.cpp" PROPERTIES
    OBJECT_DEPENDS "${inputs}")
  target_sources(${target} PRIVATE "${dir}/${name}.cpp")
  target_include_directories(${target} PRIVATE "${dir}")
endfunction()
