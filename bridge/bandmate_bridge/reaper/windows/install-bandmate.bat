@echo off
rem Installs Bandmate for the user who double-clicks this, and puts its actions into REAPER.
rem Needs no administrator's rights: everything goes into the user's own folders.
setlocal
title Bandmate

echo This installs Bandmate for %USERNAME%:
echo   1. uv, which brings Python along (from astral.sh, if it is not there yet)
echo   2. Bandmate itself
echo   3. its actions in REAPER
echo.
choice /c YN /m "Go on"
if errorlevel 2 exit /b 1

set "PATH=%USERPROFILE%\.local\bin;%PATH%"
where uv >nul 2>nul
if not errorlevel 1 goto :bandmate
powershell -NoProfile -ExecutionPolicy Bypass -Command "irm https://astral.sh/uv/install.ps1 | iex"
if errorlevel 1 goto :no_uv
where uv >nul 2>nul
if errorlevel 1 goto :no_uv

:bandmate
rem From the clone that this file is part of. Bandmate is not on PyPI: a package of that name there is not ours.
if not exist "%~dp0..\..\..\..\pyproject.toml" goto :no_clone
uv tool install --upgrade "%~dp0..\..\..\..\[server]"
if errorlevel 1 goto :no_bandmate

rem Where uv puts commands can be set otherwise; it says so itself.
for /f "delims=" %%d in ('uv tool dir --bin') do set "PATH=%%d;%PATH%"

echo.
echo REAPER should be closed now.
pause
bandmate install reaper
if errorlevel 1 goto :no_reaper

echo.
choice /c YN /m "Start Bandmate's server with Windows (otherwise REAPER starts it when it is needed)"
if errorlevel 2 goto :done
for /f "delims=" %%d in ('uv tool dir') do set "TOOLS=%%d"
if not exist "%TOOLS%\bandmate\Scripts\pythonw.exe" goto :no_login
reg add "HKCU\Software\Microsoft\Windows\CurrentVersion\Run" /v Bandmate /t REG_SZ /f /d "\"%TOOLS%\bandmate\Scripts\pythonw.exe\" -m bandmate_plugins serve" >nul
if errorlevel 1 goto :no_login

:done
echo.
echo Done. Start REAPER, press ?, type bandmate, and run "Bandmate - Panel".
pause
exit /b 0

:no_uv
echo.
echo uv could not be installed. Is there a connection to the internet? docs.astral.sh/uv has other ways.
pause
exit /b 1

:no_clone
echo.
echo This file works inside a clone of Bandmate's repository. Download or unpack the whole of it, and run it there.
pause
exit /b 1

:no_bandmate
echo.
echo Bandmate could not be installed; the lines above say why.
pause
exit /b 1

:no_reaper
echo.
echo Bandmate is installed, but REAPER was not found. Start REAPER once and run this again, or for a
echo portable REAPER: bandmate install reaper --path FOLDER
pause
exit /b 1

:no_login
echo.
echo The server could not be set to start with Windows. REAPER starts it when it is needed.
pause
exit /b 0
