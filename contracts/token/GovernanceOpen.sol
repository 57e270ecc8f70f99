// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC20Wrapper} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Wrapper.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IGovernanceOpen} from "./IGovernanceOpen.sol";

/// @title gOPEN
/// @notice See IGovernanceOpen.
contract GovernanceOpen is ERC20Permit, ERC20Votes, ERC20Wrapper, IGovernanceOpen {
    /// @param open OPEN
    constructor(IERC20 open) ERC20("Governance OPEN", "gOPEN") ERC20Permit("Governance OPEN") ERC20Wrapper(open) {
        require(address(open).code.length != 0, GovernanceOpenNoToken(address(open)));
    }

    /// @inheritdoc IGovernanceOpen
    function depositWithPermit(uint256 amountWei, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        IERC20Permit open = IERC20Permit(address(underlying()));
        // Refused if it was carried out before us, or never good: the allowance tells which.
        try open.permit(msg.sender, address(this), amountWei, deadline, v, r, s) {} catch {}
        depositFor(msg.sender, amountWei);
    }

    /// @inheritdoc IGovernanceOpen
    function depositFor(
        address account,
        uint256 amountWei
    ) public override(ERC20Wrapper, IGovernanceOpen) returns (bool) {
        return super.depositFor(account, amountWei);
    }

    /// @inheritdoc IGovernanceOpen
    function withdrawTo(
        address account,
        uint256 amountWei
    ) public override(ERC20Wrapper, IGovernanceOpen) returns (bool) {
        return super.withdrawTo(account, amountWei);
    }

    /// @notice OPEN's own, not asked of it at each call.
    function decimals() public pure override(ERC20, ERC20Wrapper) returns (uint8) {
        return 18;
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(ERC20Permit, IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @notice Seconds since 1970.
    function clock() public view override(Votes, IERC6372) returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @inheritdoc IERC6372
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Votes, IERC6372) returns (string memory) {
        return "mode=timestamp";
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
