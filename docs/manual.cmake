# manual.cmake - fills a manual page's template with what the built goodgo prints of its own tables, so that commands,
# options, keys, settings and names cannot go stale:
#     cmake -DGOODGO=build/goodgo -DVERSION=0.1.0 -DIN=docs/goodgo.1.in -DOUT=goodgo.1 -P docs/manual.cmake

# The settings and the env file of whoever builds have no place in the page.
function(part variable)
  execute_process(COMMAND ${GOODGO} --config /dev/null --env-file /dev/null ${ARGN}
    OUTPUT_VARIABLE text OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

part(HELP --help --man)
part(KEYS keys --man)
part(SETTINGS settings --man)
part(NAMES env names --man)
part(THEMES themes)
string(REPLACE "\n" " ,\n.Sy " THEMES ".Sy ${THEMES}")
configure_file(${IN} ${OUT} @ONLY)
