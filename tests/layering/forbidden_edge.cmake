# cmake -D SOURCE=(tests/layering/forbidden_edge) -D LAYERING=configs/build/layering.cmake -D WORK=... -P ...
# The closure check lets the stated edges pass and stops the configuration at others, direct or through a third target.
cmake_minimum_required(VERSION 3.25)

function(configure case expect_failure pattern)
  file(REMOVE_RECURSE ${WORK})
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK} -DCASE=${case} -DLAYERING=${LAYERING}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(expect_failure AND code EQUAL 0)
    message(FATAL_ERROR "${case}: a forbidden edge passed")
  elseif(NOT expect_failure AND NOT code EQUAL 0)
    message(FATAL_ERROR "${case}: allowed edges were refused\n${output}")
  elseif(NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "${case}: expected '${pattern}' in\n${output}")
  endif()
endfunction()

configure(allowed FALSE "")
configure(direct TRUE "noggin_tokenizer reaches noggin_format")
configure(indirect TRUE "noggin_kernels reaches noggin_tokenizer \\(through noggin_spec\\)")
configure(private_link TRUE "noggin_runtime reaches noggin_torch")
configure(library TRUE "noggin_onnx reaches noggin_torch")
