// Stands in for the programs where the installer itself is tested: a service that runs until it is stopped, and a log of
// the commands it was given. Built by the tests, never shipped.
#include <windows.h>
#include <stdio.h>
#include <string.h>

static SERVICE_STATUS_HANDLE handle;
static HANDLE asked;

static void tell(DWORD state) {
    SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, SERVICE_ACCEPT_STOP};
    SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context) {
    if (code == SERVICE_CONTROL_STOP) SetEvent(asked);
    return NO_ERROR;
}

static void WINAPI service(DWORD count, char **arguments) {
    asked = CreateEvent(NULL, TRUE, FALSE, NULL);
    handle = RegisterServiceCtrlHandlerExA("fileward-agent", control, NULL);
    tell(SERVICE_RUNNING);
    WaitForSingleObject(asked, INFINITE);
    tell(SERVICE_STOPPED);
}

int main(int count, char **arguments) {
    int refused = 0;
    FILE *log = fopen("C:\\commands.log", "a");
    for (int i = 1; i < count; i++) fprintf(log, "%s ", arguments[i]);
    if (count > 2 && strstr(arguments[2], "-token") && strcmp(arguments[2], "forget-token")) {
        char token[256] = {0};
        fread(token, 1, sizeof token - 1, stdin);
        fprintf(log, "<%s>", token);
        refused = !strcmp(token, "wrong");
    }
    fprintf(log, "\n");
    fclose(log);
    if (count > 2 && !strcmp(arguments[1], "service") && !strcmp(arguments[2], "run")) {
        SERVICE_TABLE_ENTRYA table[] = {{"fileward-agent", service}, {NULL, NULL}};
        StartServiceCtrlDispatcherA(table);
    }
    return refused ? 3 : 0;
}
