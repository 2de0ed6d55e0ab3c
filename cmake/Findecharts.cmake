# Finds Apache ECharts as its npm package ships it: sets echarts_SCRIPT, echarts_LICENSE,
# echarts_D3_LICENSE (of what it holds of d3) and echarts_NOTICE. Compiled into the reports, never loaded from anywhere at run time.
find_file(echarts_SCRIPT dist/echarts.min.js
  HINTS "${OCTAVO_DEPS_DIR}/echarts"
  PATHS /usr/share/nodejs/echarts /usr/lib/node_modules/echarts)
if(echarts_SCRIPT)
  get_filename_component(_root "${echarts_SCRIPT}" DIRECTORY)
  get_filename_component(_root "${_root}" DIRECTORY)
  find_file(echarts_LICENSE LICENSE HINTS "${_root}" NO_DEFAULT_PATH)
  find_file(echarts_D3_LICENSE licenses/LICENSE-d3 HINTS "${_root}" NO_DEFAULT_PATH)
  find_file(echarts_NOTICE NOTICE HINTS "${_root}" NO_DEFAULT_PATH)
  if(EXISTS "${_root}/package.json")
    file(READ "${_root}/package.json" _package)
    string(JSON echarts_VERSION ERROR_VARIABLE _failure GET "${_package}" version)
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(echarts
  REQUIRED_VARS echarts_SCRIPT echarts_LICENSE echarts_D3_LICENSE echarts_NOTICE
  VERSION_VAR echarts_VERSION
  REASON_FAILURE_MESSAGE "scripts/setup fetches it into .deps/")
